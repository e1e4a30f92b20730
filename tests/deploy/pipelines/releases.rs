//! What the scripts do to a branch, without a cluster.

use std::{fs, process::Command, thread};

use anyhow::{Result, anyhow, ensure};

use super::{Delivery, delivery::says};
use crate::tools::{attempt, run};

#[test]
fn a_release_is_published_and_nothing_leads_to_it_until_it_is_routed_to() -> Result<()> {
    let delivery = Delivery::new()?;
    let folder = delivery.rendering("dev", "one")?;
    delivery.run("publish", &["--environment", "dev", "--from", &folder])?;

    assert_eq!(delivery.releases("dev")?, ["one"]);
    assert!(delivery.active("dev").is_err(), "it is routed to");

    delivery.run("route", &["--environment", "dev", "--version", "one"])?;
    assert_eq!(delivery.active("dev")?, "one");
    let selectors = delivery.show("dev", "route.yaml")?;
    says(
        &selectors,
        &["app.kubernetes.io/version: one", "name: converter-one"],
    )
}

#[test]
fn publishing_again_changes_nothing_and_publishing_another_under_its_name_is_refused() -> Result<()>
{
    let delivery = Delivery::new()?;
    let folder = delivery.rendering("dev", "one")?;
    let arguments = ["--environment", "dev", "--from", &folder];
    delivery.run("publish", &arguments)?;
    delivery.run("publish", &arguments)?;
    assert_eq!(delivery.commits("dev")?, 1);

    let others = delivery.images_of("one", &"0".repeat(40), "others")?;
    let folder = delivery.rendering_of("dev", "one", &others)?;
    let why = delivery.refusal("publish", &["--environment", "dev", "--from", &folder])?;
    says(&why, &["release one was published before, and was another"])?;
    assert_eq!(delivery.commits("dev")?, 1);
    Ok(())
}

#[test]
fn the_way_back_is_one_commit_that_changes_one_file() -> Result<()> {
    let delivery = Delivery::new()?;
    delivery.deploy("dev", "one")?;
    delivery.deploy("dev", "two")?;
    let before = delivery.commits("dev")?;

    delivery.run("route", &["--environment", "dev", "--previous"])?;

    assert_eq!(delivery.active("dev")?, "one");
    assert_eq!(delivery.commits("dev")?, before + 1);
    let changed = delivery.git(&["show", "--format=", "--name-only", "dev"])?;
    assert_eq!(changed.trim(), "route.yaml");

    // And forth again.
    delivery.run("route", &["--environment", "dev", "--previous"])?;
    assert_eq!(delivery.active("dev")?, "two");
    Ok(())
}

#[test]
fn there_is_no_way_to_what_is_not_there() -> Result<()> {
    let delivery = Delivery::new()?;
    delivery.deploy("dev", "one")?;
    let why = delivery.refusal("route", &["--environment", "dev", "--version", "two"])?;
    says(&why, &["has no release 'two'", "those it has: one"])?;
    let why = delivery.refusal("route", &["--environment", "dev", "--previous"])?;
    says(&why, &["no earlier release of 'dev' is still there"])?;
    let why = delivery.refusal("route", &["--environment", "prod", "--version", "one"])?;
    says(&why, &["has no branch 'prod'"])?;
    let why = delivery.refusal("route", &["--environment", "test", "--version", "one"])?;
    says(&why, &["there is no environment 'test'", "dev prod"])
}

#[test]
fn the_active_release_is_never_purged() -> Result<()> {
    let delivery = Delivery::new()?;
    for version in ["one", "two", "three", "four"] {
        delivery.deploy("dev", version)?;
    }
    let purge = |arguments: &[&str]| {
        let mut all = vec!["--environment", "dev"];
        all.extend(arguments);
        delivery.run("purge", &all)
    };

    let why = delivery.refusal("purge", &["--environment", "dev", "--version", "four"])?;
    says(&why, &["release four serves requests: it stays"])?;
    purge(&["--version", "two"])?;
    assert_eq!(delivery.releases("dev")?, ["four", "one", "three"]);

    // An old one that serves is not idle, and does not count as a way back.
    delivery.run("route", &["--environment", "dev", "--version", "one"])?;
    purge(&["--keep", "1"])?;
    assert_eq!(delivery.releases("dev")?, ["four", "one"]);
    purge(&["--keep", "0"])?;
    assert_eq!(delivery.releases("dev")?, ["one"]);
    assert!(
        delivery.show("dev", "routes/four.yaml").is_err(),
        "its route is still there"
    );
    Ok(())
}

#[test]
fn pipelines_that_push_at_the_same_time_all_get_through() -> Result<()> {
    let delivery = Delivery::new()?;
    let versions = ["one", "two", "three", "four"];
    let folders = versions
        .map(|version| delivery.rendering("dev", version))
        .into_iter()
        .collect::<Result<Vec<_>>>()?;

    let said = thread::scope(|scope| {
        let publishing: Vec<_> = folders
            .iter()
            .map(|folder| {
                let arguments = ["--environment", "dev", "--from", folder];
                let delivery = &delivery;
                scope.spawn(move || delivery.run("publish", &arguments))
            })
            .collect();
        publishing
            .into_iter()
            .map(|one| one.join().map_err(|_| anyhow!("a publication panicked"))?)
            .collect::<Result<String>>()
    })?;

    let mut releases = delivery.releases("dev")?;
    releases.sort_unstable();
    assert_eq!(releases, ["four", "one", "three", "two"], "{said}");
    assert_eq!(delivery.commits("dev")?, 4, "{said}");
    Ok(())
}

#[test]
fn images_by_tag_are_refused() -> Result<()> {
    let delivery = Delivery::new()?;
    let images = delivery.images("one")?;
    let tagged: String = fs::read_to_string(&images)?
        .lines()
        .map(|line| match line.strip_prefix("FRONTEND_IMAGE=") {
            Some(_) => "FRONTEND_IMAGE=127.0.0.1:5000/platen-frontend:latest\n".to_owned(),
            None => format!("{line}\n"),
        })
        .collect();
    fs::write(&images, tagged)?;
    let why = delivery.refusal(
        "render",
        &[
            "--environment",
            "dev",
            "--images",
            &images,
            "--output",
            "rendered",
        ],
    )?;
    says(
        &why,
        &["platen-frontend:latest' does not name an image by its digest"],
    )?;
    ensure!(
        !delivery.folder().join("rendered").exists(),
        "something was rendered"
    );
    Ok(())
}

#[test]
fn a_version_that_cannot_be_part_of_a_name_is_refused() -> Result<()> {
    let delivery = Delivery::new()?;
    for version in ["One", "a_b", "-a", "a-", "aaaaaaaaaaaaaaaaaaaaa", "a b"] {
        let images = delivery.images_of(version, &"0".repeat(40), "x")?;
        let why = delivery.refusal(
            "render",
            &[
                "--environment",
                "dev",
                "--images",
                &images,
                "--output",
                "rendered",
            ],
        )?;
        says(&why, &["cannot be a version"])?;
    }
    // A commit may well consist of digits alone.
    delivery.deploy("dev", "123456789012")?;
    delivery.deploy("dev", "1234567e8901")?;
    assert_eq!(delivery.active("dev")?, "1234567e8901");
    Ok(())
}

#[test]
fn the_same_input_renders_to_the_same_bytes() -> Result<()> {
    let delivery = Delivery::new()?;
    let read = |folder: &str| -> Result<String> {
        [
            "platform/manifests.yaml",
            "releases/one/manifests.yaml",
            "routes/one.yaml",
        ]
        .iter()
        .map(|file| Ok(fs::read_to_string(format!("{folder}/{file}"))?))
        .collect()
    };
    let first = read(&delivery.rendering("prod", "one")?)?;
    let second = read(&delivery.rendering("prod", "one")?)?;
    assert_eq!(first, second);
    Ok(())
}

/// Why a pipeline of the commit that is checked out in a tree may not bring it to dev; nothing when it may.
fn overtaken(delivery: &Delivery, tree: &str) -> Result<String> {
    let script = format!(
        "source '{tree}/deploy/pipelines/lib/common.sh'\n\
         source '{tree}/deploy/pipelines/lib/repository.sh'\n\
         refuse_overtaken dev"
    );
    let mut command = delivery.prepare("bash", &["-e", "-c", &script])?;
    let (succeeded, _, errors) = attempt(&mut command, "")?;
    ensure!(succeeded == errors.is_empty(), "{errors}");
    Ok(errors)
}

#[test]
fn an_earlier_commit_does_not_follow_a_later_one() -> Result<()> {
    let delivery = Delivery::new()?;
    let tree = delivery.copy_of_the_tree()?;
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-C", &tree, "-c", "user.name=test"]);
        command.args(["-c", "user.email=test@localhost"]);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        run(command.args(arguments), "")
    };
    let deploy = |version: &str, commit: &str| {
        let images = delivery.images_of(version, commit, version)?;
        let folder = delivery.rendering_of("dev", version, &images)?;
        delivery.run("deploy", &["--environment", "dev", "--from", &folder])
    };
    let earlier = git(&["rev-parse", "HEAD"])?.trim().to_owned();
    git(&["commit", "--quiet", "--allow-empty", "--message", "later"])?;
    let later = git(&["rev-parse", "HEAD"])?.trim().to_owned();
    let at = |commit: &str| {
        git(&["checkout", "--quiet", commit])?;
        overtaken(&delivery, &tree)
    };

    // Nothing is there yet; then the same again, and one that follows.
    assert_eq!(at(&earlier)?, "");
    deploy("one", &earlier)?;
    assert_eq!(at(&earlier)?, "");
    assert_eq!(at(&later)?, "");
    deploy("two", &later)?;
    says(
        &at(&earlier)?,
        &["release two, of a later commit, serves in dev already"],
    )?;
    // Who went back on purpose may go on from there.
    delivery.run("route", &["--environment", "dev", "--version", "one"])?;
    assert_eq!(at(&earlier)?, "");
    assert_eq!(at(&later)?, "");
    Ok(())
}
