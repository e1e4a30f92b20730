//! What the pipelines may do in a cluster, as its API server sees it.

use std::time::Duration;

use anyhow::Result;
use platen_tests::eventually;

use super::{control_plane::User, environment::Environment};
use crate::tools::attempt;

const SOON: Duration = Duration::from_secs(30);

/// May who delivers do this?
fn may(environment: &Environment, arguments: &[&str]) -> Result<bool> {
    let mut command = environment
        .cluster
        .kubectl(User::Delivery, &["auth", "can-i"])?;
    Ok(attempt(command.args(arguments), "")?.0)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn who_delivers_sees_what_runs_and_no_secret() -> Result<()> {
    let environment = Environment::followed_by("argocd", "looked-at").await?;
    let here = ["--namespace", "looked-at"];
    for allowed in [
        &["list", "nodes"][..],
        &["list", "pods", "--all-namespaces"],
        &["get", "deployments.apps", here[0], here[1]],
        &[
            "create",
            "pods",
            "--subresource",
            "portforward",
            here[0],
            here[1],
        ],
    ] {
        // What was bound a moment ago takes one to be known.
        eventually(&format!("{allowed:?}"), SOON, || async {
            Ok(may(&environment, allowed)?.then_some(()))
        })
        .await?;
    }
    for refused in [
        &["get", "secrets", here[0], here[1]][..],
        &["get", "configmaps", here[0], here[1]],
        &["create", "pods", here[0], here[1]],
        &["create", "pods", "--subresource", "exec", here[0], here[1]],
        &["patch", "deployments.apps", here[0], here[1]],
        &["patch", "services", here[0], here[1]],
        &[
            "create",
            "pods",
            "--subresource",
            "portforward",
            "--namespace",
            "kube-system",
        ],
    ] {
        assert!(!may(&environment, refused)?, "{refused:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn who_applies_does_so_in_the_namespaces_of_platen_alone() -> Result<()> {
    let environment = Environment::new("applied-to").await?;
    let allowed = ["patch", "deployments.apps", "--namespace", "applied-to"];
    eventually("it may apply", SOON, || async {
        Ok(may(&environment, &allowed)?.then_some(()))
    })
    .await?;
    for refused in [
        &["patch", "deployments.apps", "--namespace", "kube-system"][..],
        &["get", "secrets", "--namespace", "applied-to"],
        &["create", "pods", "--namespace", "applied-to"],
        &[
            "create",
            "rolebindings.rbac.authorization.k8s.io",
            "--namespace",
            "applied-to",
        ],
        &["delete", "namespaces"],
    ] {
        assert!(!may(&environment, refused)?, "{refused:?}");
    }
    Ok(())
}
