//! Whole environments: platform, a release and the route to it, as they meet in a cluster.

use anyhow::Result;

use crate::{
    kustomize::{Kind, Rendered, composed, overlay},
    object::Object,
};

pub(crate) const VERSION: &str = "4f2a91c";

/// Ways to compose an environment, each with all of its components.
pub(crate) const COMPOSITIONS: [(&str, &[&str]); 9] = [
    ("lambda", &["ack"]),
    ("gateway", &["ack", "components/gateway"]),
    ("ingress-nginx", &["ack", "components/ingress-nginx"]),
    ("alb", &["ack", "components/alb"]),
    ("secrets-csi", &["ack", "components/secrets-csi"]),
    ("datadog", &["ack", "components/datadog"]),
    ("argo-rollouts", &["ack", "components/argo-rollouts"]),
    ("worker-keda", &["components/worker-keda"]),
    (
        "everything",
        &[
            "components/worker-keda",
            "components/gateway",
            "components/secrets-csi",
            "components/datadog",
            "components/argo-rollouts",
        ],
    ),
];

/// What is in an environment, and the same as YAML.
pub(crate) struct Environment {
    pub(crate) objects: Vec<Object>,
    pub(crate) yaml: String,
}

/// As its overlays have it.
pub(crate) fn environment(name: &str) -> Result<Environment> {
    gather(|kind| overlay(name, kind, VERSION))
}

/// With components that its overlays may not have.
pub(crate) fn with(name: &str, components: &[&str]) -> Result<Environment> {
    gather(|kind| composed(name, kind, VERSION, components))
}

fn gather(render: impl Fn(Kind) -> Result<Rendered>) -> Result<Environment> {
    let mut environment = Environment {
        objects: Vec::new(),
        yaml: String::new(),
    };
    for kind in Kind::ALL {
        let rendered = render(kind)?;
        environment.objects.extend(rendered.objects);
        environment.yaml.push_str("---\n");
        environment.yaml.push_str(&rendered.yaml);
    }
    Ok(environment)
}
