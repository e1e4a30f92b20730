//! What the pipelines may do in a cluster, as its API server sees it.

use anyhow::Result;

use super::{control_plane::User, environment::Environment};
use crate::tools::attempt;

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
        &["create", "pods/portforward", here[0], here[1]],
    ] {
        assert!(may(&environment, allowed)?, "{allowed:?}");
    }
    for refused in [
        &["get", "secrets", here[0], here[1]][..],
        &["get", "configmaps", here[0], here[1]],
        &["create", "pods", here[0], here[1]],
        &["create", "pods/exec", here[0], here[1]],
        &["patch", "deployments.apps", here[0], here[1]],
        &["patch", "services", here[0], here[1]],
        &["create", "pods/portforward", "--namespace", "kube-system"],
    ] {
        assert!(!may(&environment, refused)?, "{refused:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn who_applies_does_so_in_the_namespaces_of_platen_alone() -> Result<()> {
    let environment = Environment::new("applied-to").await?;
    assert!(may(
        &environment,
        &["patch", "deployments.apps", "--namespace", "applied-to"]
    )?);
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
