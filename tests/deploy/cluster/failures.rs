//! What goes wrong with a release stays with it: what served before serves on.

use anyhow::Result;

use super::{environment::Environment, watcher::Watcher};
use crate::pipelines::says;

/// An environment where `good` serves, somebody who watches it, and what a deployment of `version` says.
async fn deploy_over_good(
    namespace: &str,
    version: &str,
    options: &[&str],
    prepare: impl FnOnce(&Environment) -> Result<()>,
) -> Result<(Environment, Watcher, String)> {
    let environment = Environment::new(namespace).await?;
    environment.delivery.deploy("dev", "good")?;
    prepare(&environment)?;
    let watcher = Watcher::start(environment.cluster, namespace)?;
    let folder = environment.delivery.rendering("dev", version)?;
    let deploy = [&["--environment", "dev", "--from", &folder], options].concat();
    let said = environment.delivery.refusal("deploy", &deploy)?;
    Ok((environment, watcher, said))
}

/// `good` serves, alone, in the cluster as in the branch.
fn good_serves_on(environment: &Environment, watcher: &Watcher, version: &str) -> Result<()> {
    assert_eq!(environment.served("backend")?, "good");
    assert_eq!(environment.served("frontend")?, "good");
    assert_eq!(environment.mappings()?, ["converter-good"]);
    assert_eq!(environment.delivery.active("dev")?, "good");
    assert_eq!(environment.delivery.releases("dev")?, ["good"]);
    for kind in ["deployments", "functions", "pods"] {
        assert!(
            environment.names(kind, version)?.is_empty(),
            "{kind} of {version} are still there"
        );
    }
    watcher.look(super::watcher::History::unbroken)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn a_release_that_does_not_get_ready_is_removed() -> Result<()> {
    let (environment, watcher, said) =
        deploy_over_good("never-ready", "never-ready", &["--timeout", "60"], |_| {
            Ok(())
        })
        .await?;
    says(
        &said,
        &[
            "it did not get ready",
            "release never-ready was rolled back; good serves in dev",
        ],
    )?;
    good_serves_on(&environment, &watcher, "never-ready")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn a_release_whose_function_is_refused_is_removed() -> Result<()> {
    let (environment, watcher, said) =
        deploy_over_good("no-function", "no-function", &["--timeout", "60"], |_| {
            Ok(())
        })
        .await?;
    says(
        &said,
        &[
            "it did not get ready",
            "Function converter-no-function is not made: AccessDeniedException",
            "release no-function was rolled back; good serves in dev",
        ],
    )?;
    watcher.look(|history| assert_eq!(history.versions("backend"), ["good"]));
    good_serves_on(&environment, &watcher, "no-function")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn a_release_that_the_queue_does_not_lead_to_is_removed() -> Result<()> {
    let (environment, watcher, said) =
        deploy_over_good("no-mapping", "no-mapping", &["--timeout", "60"], |_| Ok(())).await?;
    says(
        &said,
        &[
            "EventSourceMapping converter-no-mapping is not made: AccessDeniedException",
            "it could not be routed to",
            "release no-mapping was rolled back; good serves in dev",
        ],
    )?;
    good_serves_on(&environment, &watcher, "no-mapping")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn a_check_that_fails_before_a_release_serves_keeps_it_from_serving() -> Result<()> {
    let (environment, watcher, said) = deploy_over_good("before", "bad", &[], |environment| {
        environment.failing_check("before", "bad")
    })
    .await?;
    says(
        &said,
        &[
            "release bad does not pass before/10-check",
            "release bad was rolled back; good serves in dev",
        ],
    )?;
    assert!(!said.contains("Route to bad"), "{said}");
    watcher.look(|history| assert_eq!(history.versions("backend"), ["good"]));
    good_serves_on(&environment, &watcher, "bad")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn a_check_that_fails_once_a_release_serves_leads_back() -> Result<()> {
    let (environment, watcher, said) = deploy_over_good("after", "bad", &[], |environment| {
        environment.failing_check("after", "bad")
    })
    .await?;
    says(
        &said,
        &[
            "release bad does not pass after/10-check",
            "release bad was rolled back; good serves in dev",
        ],
    )?;
    watcher.look(|history| assert_eq!(history.versions("backend"), ["good", "bad", "good"]));
    good_serves_on(&environment, &watcher, "bad")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn the_first_release_has_nothing_to_go_back_to() -> Result<()> {
    let environment = Environment::new("first").await?;
    environment.failing_check("before", "one")?;
    let folder = environment.delivery.rendering("dev", "one")?;
    let said = environment
        .delivery
        .refusal("deploy", &["--environment", "dev", "--from", &folder])?;
    says(
        &said,
        &["release one was rolled back; no release serves in dev"],
    )?;
    assert!(environment.names("pods", "one")?.is_empty());

    environment.failing_check("before", "none")?;
    environment.failing_check("after", "two")?;
    let folder = environment.delivery.rendering("dev", "two")?;
    let said = environment
        .delivery
        .refusal("deploy", &["--environment", "dev", "--from", &folder])?;
    says(
        &said,
        &["it is the first release, so there is none to go back to: it stays"],
    )?;
    assert_eq!(environment.served("backend")?, "two");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn what_is_not_ready_is_not_routed_to() -> Result<()> {
    let environment = Environment::new("unready").await?;
    let delivery = &environment.delivery;
    delivery.deploy("dev", "good")?;
    let folder = delivery.rendering("dev", "never-ready")?;
    delivery.run("publish", &["--environment", "dev", "--from", &folder])?;
    environment.cluster.admin(&[
        "apply",
        "--filename",
        &format!("{folder}/releases/never-ready/manifests.yaml"),
    ])?;

    let why = delivery.refusal(
        "route",
        &[
            "--environment",
            "dev",
            "--version",
            "never-ready",
            "--timeout",
            "10",
        ],
    )?;
    says(
        &why,
        &["release never-ready cannot take requests: nothing was changed"],
    )?;
    assert_eq!(delivery.active("dev")?, "good");
    assert_eq!(environment.served("backend")?, "good");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn what_the_cluster_serves_is_not_purged_whatever_the_branch_says() -> Result<()> {
    let environment = Environment::new("ahead").await?;
    let delivery = &environment.delivery;
    delivery.deploy("dev", "one")?;
    delivery.deploy("dev", "two")?;
    // The branch leads back already, and the cluster has not noticed yet.
    let mut only_commit = delivery.command(
        "route",
        &["--environment", "dev", "--previous", "--sync", "none"],
    )?;
    crate::tools::run(&mut only_commit, "")?;

    for version in ["one", "two"] {
        let why = delivery.refusal("purge", &["--environment", "dev", "--version", version])?;
        says(
            &why,
            &[&format!("release {version} serves requests: it stays")],
        )?;
    }
    assert_eq!(environment.served("backend")?, "two");
    assert!(!environment.names("pods", "two")?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn a_cluster_that_does_not_answer_is_not_taken_for_one_without_releases() -> Result<()> {
    let environment = Environment::new("unanswered").await?;
    environment.delivery.deploy("dev", "one")?;
    let environment = environment.with("KUBECONFIG", "/dev/null");
    for (script, choice) in [("purge", "--keep"), ("route", "--version")] {
        let why = environment
            .delivery
            .refusal(script, &["--environment", "dev", choice, "0"])?;
        says(&why, &["the cluster does not answer"])?;
    }
    Ok(())
}
