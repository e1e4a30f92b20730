//! With Argo CD the scripts only commit, and wait until the cluster has followed. What stands in for it here
//! is a hook of the repository that applies and prunes what a branch says.

use std::{fs, os::unix::fs::PermissionsExt};

use anyhow::{Context, Result};

use super::{control_plane::User, environment::Environment, watcher::Watcher};
use crate::{pipelines::says, tools::tool};

/// Has the cluster follow the branch from now on, some seconds late, as Argo CD would.
fn follow(environment: &Environment) -> Result<()> {
    let hook = environment.delivery.repository().join("hooks/post-receive");
    let text = format!(
        "#!/usr/bin/env bash\n\
         set -euo pipefail\n\
         (\n\
           exec 9>'{folder}/sync.lock'; flock 9\n\
           rm -rf '{folder}/sync' && mkdir '{folder}/sync'\n\
           git archive dev | tar -x -C '{folder}/sync'\n\
           k() {{ '{kubectl}' --kubeconfig '{kubeconfig}' --namespace '{namespace}' \"$@\"; }}\n\
           files=$(find '{folder}/sync/platform' '{folder}/sync/releases' -name '*.yaml' -printf ' --filename %p')\n\
           [[ ! -f '{folder}/sync/route.yaml' ]] || files+=' --filename {folder}/sync/route.yaml'\n\
           k apply --server-side --force-conflicts $files\n\
           for version in $(k get deployments --output jsonpath='{{.items[*].metadata.labels.app\\.kubernetes\\.io/version}}' | tr ' ' '\\n' | sort -u); do\n\
             [[ -d '{folder}/sync/releases/'$version ]] ||\n\
               k delete deployments,horizontalpodautoscalers,poddisruptionbudgets,functions --selector app.kubernetes.io/version=$version\n\
           done\n\
         ) >>'{folder}/sync.log' 2>&1 </dev/null &\n",
        folder = environment.delivery.folder().display(),
        kubectl = tool("kubectl")?.display(),
        kubeconfig = environment.cluster.kubeconfig(User::Admin),
        namespace = environment.namespace,
    );
    fs::write(&hook, text)?;
    Ok(fs::set_permissions(
        hook,
        fs::Permissions::from_mode(0o755),
    )?)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane: make test-deploy"]
async fn scripts_that_may_only_look_deploy_route_and_purge_by_committing() -> Result<()> {
    let environment = Environment::followed_by("argocd", "pulled").await?;
    follow(&environment)?;
    let delivery = &environment.delivery;
    let log = || fs::read_to_string(delivery.folder().join("sync.log")).unwrap_or_default();
    delivery.deploy("dev", "one").with_context(log)?;
    let watcher = Watcher::start(environment.cluster, &environment.namespace)?;

    delivery.deploy("dev", "two").with_context(log)?;
    assert_eq!(environment.served("backend")?, "two");
    delivery
        .run("route", &["--environment", "dev", "--previous"])
        .with_context(log)?;
    assert_eq!(environment.served("backend")?, "one");
    delivery
        .run("purge", &["--environment", "dev", "--version", "two"])
        .with_context(log)?;
    assert!(environment.names("pods", "two")?.is_empty());

    // And when one fails.
    environment.failing_check("after", "bad")?;
    let folder = delivery.rendering("dev", "bad")?;
    let said = delivery.refusal("deploy", &["--environment", "dev", "--from", &folder])?;
    says(&said, &["release bad was rolled back; one serves in dev"])?;
    assert!(environment.names("pods", "bad")?.is_empty());
    watcher.look(super::watcher::History::unbroken)
}
