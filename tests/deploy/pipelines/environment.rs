//! The variables that the original's pipelines had keep their names.

use anyhow::Result;

use super::{
    Delivery,
    delivery::{lines_with, says},
};
use crate::tools::{attempt, root, run};

#[test]
fn everything_goes_into_the_namespace_that_is_named() -> Result<()> {
    let delivery = Delivery::new()?.with("APPLICATION_NAMESPACE", "elsewhere");
    delivery.deploy("dev", "one")?;
    for file in [
        "platform/manifests.yaml",
        "releases/one/manifests.yaml",
        "route.yaml",
    ] {
        let text = delivery.show("dev", file)?;
        let mut namespaces = lines_with(&text, "  namespace:");
        namespaces.dedup();
        assert_eq!(namespaces, ["namespace: elsewhere"], "{file}");
    }
    says(
        &delivery.show("dev", "platform/manifests.yaml")?,
        &["  name: elsewhere\n"],
    )
}

#[test]
fn owner_and_project_name_the_repository() -> Result<()> {
    let delivery = Delivery::new()?;
    let repository = delivery.repository();
    let instead = format!("url.{}.insteadOf", repository.display());
    // What is under test makes the URL; git takes the way to it from here.
    let delivery = delivery
        .with("DELIVERY_REPOSITORY", "")
        .with("CD_DESTINATION_OWNER", "somebody")
        .with("CD_PROJECT", "environments")
        .with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", &instead)
        .with(
            "GIT_CONFIG_VALUE_0",
            "https://github.com/somebody/environments.git",
        );
    delivery.deploy("dev", "one")?;
    assert_eq!(delivery.active("dev")?, "one");
    Ok(())
}

#[test]
fn without_a_repository_it_is_said_what_names_one() -> Result<()> {
    let delivery = Delivery::new()?.with("DELIVERY_REPOSITORY", "");
    let why = delivery.refusal("route", &["--environment", "dev", "--version", "one"])?;
    says(&why, &["CD_DESTINATION_OWNER and CD_PROJECT"])
}

/// Asks git for the password of a host, as the scripts set it up.
fn password(delivery: &Delivery, host: &str) -> Result<(bool, String)> {
    let script = format!(
        "source '{root}/deploy/pipelines/lib/common.sh'\n\
         source '{root}/deploy/pipelines/lib/repository.sh'\n\
         git credential fill",
        root = root().display()
    );
    let mut command = delivery.prepare("bash", &["-euo", "pipefail", "-c", &script])?;
    let (succeeded, output, _) =
        attempt(&mut command, &format!("protocol=https\nhost={host}\n\n"))?;
    Ok((succeeded, output))
}

#[test]
fn the_token_is_given_to_github_and_to_nobody_else() -> Result<()> {
    let delivery = Delivery::new()?.with("API_TOKEN_GITHUB", "a-token");
    let (succeeded, answer) = password(&delivery, "github.com")?;
    assert!(succeeded);
    says(&answer, &["password=a-token"])?;

    let (succeeded, answer) = password(&delivery, "github.com.example")?;
    assert!(!succeeded && !answer.contains("a-token"), "{answer}");
    Ok(())
}

#[test]
fn the_token_gets_into_no_commit_and_no_output() -> Result<()> {
    let delivery = Delivery::new()?.with("API_TOKEN_GITHUB", "a-token");
    let said = delivery.deploy("dev", "one")?;
    assert!(!said.contains("a-token"), "{said}");
    let mut grep = delivery.prepare("git", &["--git-dir"])?;
    grep.arg(delivery.repository())
        .args(["log", "--patch", "--all"]);
    assert!(!run(&mut grep, "")?.contains("a-token"));
    Ok(())
}
