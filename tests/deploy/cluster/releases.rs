//! What releases are for: several at a time, one that serves, and a way back that takes no time.

use anyhow::Result;

use super::{environment::Environment, watcher::Watcher};
use crate::pipelines::says;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn the_services_are_never_without_endpoints_while_releases_come_and_go() -> Result<()> {
    let environment = Environment::new("releases").await?;
    let delivery = &environment.delivery;
    let watcher = Watcher::start(environment.cluster, &environment.namespace)?;

    delivery.deploy("dev", "one")?;
    assert_eq!(environment.served("backend")?, "one");
    delivery.deploy("dev", "two")?;
    assert_eq!(environment.served("backend")?, "two");
    assert_eq!(environment.served("frontend")?, "two");
    // The one before is still there, so that the way back is short.
    assert_eq!(environment.names("pods", "one")?.len(), 2);
    assert_eq!(environment.mappings()?, ["converter-two"]);

    let said = delivery.run("route", &["--environment", "dev", "--previous"])?;
    says(&said, &["one serves in dev"])?;
    assert_eq!(environment.served("backend")?, "one");
    assert_eq!(environment.mappings()?, ["converter-one"]);
    delivery.run("route", &["--environment", "dev", "--version", "two"])?;
    delivery.deploy("dev", "three")?;

    delivery.run("purge", &["--environment", "dev", "--keep", "1"])?;
    assert!(environment.names("pods", "one")?.is_empty());
    assert!(environment.names("functions", "one")?.is_empty());
    delivery.run("route", &["--environment", "dev", "--previous"])?;
    delivery.run("purge", &["--environment", "dev", "--version", "three"])?;
    for kind in [
        "deployments",
        "horizontalpodautoscalers",
        "poddisruptionbudgets",
        "functions",
        "pods",
    ] {
        assert!(environment.names(kind, "three")?.is_empty(), "{kind}");
    }

    assert_eq!(environment.served("backend")?, "two");
    watcher.look(|history| -> Result<()> {
        history.unbroken()?;
        for service in ["backend", "frontend"] {
            let seen = history.versions(service);
            assert_eq!(
                seen,
                ["one", "two", "one", "two", "three", "two"],
                "{service}"
            );
        }
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn a_release_is_routed_to_when_it_has_all_the_pods_that_it_is_to_have() -> Result<()> {
    let environment = Environment::new("whole").await?;
    let delivery = &environment.delivery;
    // Production wants three of each from the start.
    let folder = delivery.rendering("prod", "one")?;
    delivery.run("deploy", &["--environment", "prod", "--from", &folder])?;
    assert_eq!(environment.names("pods", "one")?.len(), 6);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn deploying_what_serves_already_changes_nothing() -> Result<()> {
    let environment = Environment::new("again").await?;
    let delivery = &environment.delivery;
    delivery.deploy("dev", "one")?;
    let (commits, pods) = (delivery.commits("dev")?, environment.names("pods", "one")?);
    delivery.deploy("dev", "one")?;
    assert_eq!(delivery.commits("dev")?, commits);
    assert_eq!(environment.names("pods", "one")?, pods);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn what_the_platform_no_longer_has_goes_from_the_cluster() -> Result<()> {
    let environment = Environment::new("platform").await?;
    let delivery = &environment.delivery;
    delivery.deploy("dev", "one")?;
    assert!(environment.get(&["networkpolicy", "frontend"]).is_ok());

    let folder = delivery.rendering("dev", "two")?;
    let file = format!("{folder}/platform/manifests.yaml");
    let platform = std::fs::read_to_string(&file)?;
    let kept = platform.split("---\n").filter(|object| {
        !(object.contains("kind: NetworkPolicy") && object.contains("  name: frontend\n"))
    });
    std::fs::write(&file, kept.collect::<Vec<_>>().join("---\n"))?;
    delivery.run("deploy", &["--environment", "dev", "--from", &folder])?;

    assert!(
        environment.get(&["networkpolicy", "frontend"]).is_err(),
        "it is still there"
    );
    assert!(environment.get(&["networkpolicy", "backend"]).is_ok());
    Ok(())
}
