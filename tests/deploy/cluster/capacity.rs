//! The gate that a release has to fit through, beside all that runs.

use std::fs;

use anyhow::Result;

use super::{control_plane::NODE_CPUS, environment::Environment};
use crate::pipelines::says;

/// A rendering whose backend asks for this many cores in each of this many pods.
fn rendering(
    environment: &Environment,
    version: &str,
    cores: usize,
    pods: usize,
) -> Result<String> {
    let folder = environment.delivery.rendering("dev", version)?;
    let file = format!("{folder}/releases/{version}/manifests.yaml");
    let manifests = fs::read_to_string(&file)?;
    let changed = manifests
        .replace("cpu: 500m", &format!("cpu: \"{cores}\""))
        .replace(
            "  maxReplicas: 2\n  metrics",
            &format!("  maxReplicas: {pods}\n  metrics"),
        )
        .replacen("minReplicas: 1", &format!("minReplicas: {pods}"), 1);
    assert_ne!(manifests, changed);
    fs::write(&file, changed)?;
    Ok(folder)
}

fn manifests(folder: &str, version: &str) -> String {
    format!("{folder}/releases/{version}/manifests.yaml")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn a_release_that_does_not_fit_is_neither_published_nor_applied() -> Result<()> {
    let environment = Environment::new("full").await?;
    let delivery = &environment.delivery;
    delivery.deploy("dev", "one")?;
    let commits = delivery.commits("dev")?;

    let folder = rendering(&environment, "huge", NODE_CPUS + 1, 1)?;
    let why = delivery.refusal("deploy", &["--environment", "dev", "--from", &folder])?;
    says(
        &why,
        &["1 of them fit nowhere: backend-huge", "bin/purge --keep 1"],
    )?;

    assert_eq!(delivery.commits("dev")?, commits);
    assert!(environment.names("deployments", "huge")?.is_empty());
    assert_eq!(environment.served("backend")?, "one");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn every_pod_needs_a_node_that_has_room_for_it_all() -> Result<()> {
    let environment = Environment::new("rooms").await?;
    let check = |version: &str, cores, pods| -> Result<String> {
        let folder = rendering(&environment, version, cores, pods)?;
        let arguments = ["--manifests", &manifests(&folder, version)];
        environment
            .delivery
            .run("capacity", &arguments)
            .or_else(|_| environment.delivery.refusal("capacity", &arguments))
    };
    // More than half a node: one for each of the three, however many cores are left in all.
    let most = NODE_CPUS / 2 + 1;
    let said = check("three", most, 3)?;
    assert!(!said.contains("fit nowhere"), "{said}");
    says(&said, &["4 new pods ask for 27050m cpu", "3 nodes have"])?;
    says(
        &check("four", most, 4)?,
        &["1 of them fit nowhere: backend-four"],
    )?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn nodes_that_would_be_added_count_where_that_is_said() -> Result<()> {
    let environment = Environment::new("more")
        .await?
        .with("DELIVERY_AUTOSCALED_NODES", "2");
    let most = NODE_CPUS / 2 + 1;
    let check = |version: &str, pods| -> Result<(String, [String; 2])> {
        let folder = rendering(&environment, version, most, pods)?;
        Ok((
            folder.clone(),
            ["--manifests".to_owned(), manifests(&folder, version)],
        ))
    };
    let (_, five) = check("five", 5)?;
    says(
        &environment
            .delivery
            .run("capacity", &[&five[0], &five[1]])?,
        &["5 nodes have"],
    )?;
    let (_, six) = check("six", 6)?;
    says(
        &environment
            .delivery
            .refusal("capacity", &[&six[0], &six[1]])?,
        &["1 of them fit nowhere"],
    )
}
