//! An environment of Platen in a namespace of its own, delivered to by who may do no more than that.

use std::{fs, os::unix::fs::PermissionsExt};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::control_plane::{ControlPlane, User, shared};
use crate::{object::list, pipelines::Delivery};

pub(super) struct Environment {
    pub(super) cluster: &'static ControlPlane,
    pub(super) delivery: Delivery,
    pub(super) namespace: String,
}

impl Environment {
    /// Scripts apply what the branch says.
    pub(super) async fn new(namespace: &str) -> Result<Self> {
        let environment = Self::followed_by("apply", namespace).await?;
        environment.allow("platen-delivery-apply")?;
        Ok(environment)
    }

    /// The cluster follows the branch in this way.
    pub(super) async fn followed_by(sync: &str, namespace: &str) -> Result<Self> {
        let cluster = shared().await?;
        let delivery = Delivery::new()?
            .with("KUBECONFIG", &cluster.kubeconfig(User::Delivery))
            .with("DELIVERY_SYNC", sync)
            .with("APPLICATION_NAMESPACE", namespace);
        let checks = delivery.folder().join("checks");
        for stage in ["before", "after"] {
            fs::create_dir_all(checks.join(stage))?;
        }
        let delivery = delivery.with("DELIVERY_CHECKS", &checks.display().to_string());
        cluster.apply(&json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace},
        }))?;
        let environment = Self {
            cluster,
            delivery,
            namespace: namespace.to_owned(),
        };
        environment.allow("platen-delivery-pods")?;
        Ok(environment)
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.delivery = self.delivery.with(name, value);
        self
    }

    /// As an administrator does it once.
    fn allow(&self, role: &str) -> Result<()> {
        self.cluster.apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": role, "namespace": self.namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "platen-delivery"}],
        }))
    }

    /// A check of its own, which fails for one version.
    pub(super) fn failing_check(&self, stage: &str, version: &str) -> Result<()> {
        let file = self
            .delivery
            .folder()
            .join("checks")
            .join(stage)
            .join("10-check");
        fs::write(&file, format!("#!/bin/sh\n[ \"$VERSION\" != {version} ]\n"))?;
        Ok(fs::set_permissions(
            file,
            fs::Permissions::from_mode(0o755),
        )?)
    }

    pub(super) fn get(&self, arguments: &[&str]) -> Result<Value> {
        let all = [
            &[
                "--namespace",
                self.namespace.as_str(),
                "get",
                "--output",
                "json",
            ],
            arguments,
        ]
        .concat();
        serde_json::from_str(&self.cluster.admin(&all)?).context("what kubectl says is no JSON")
    }

    /// The version that a Service selects.
    pub(super) fn served(&self, service: &str) -> Result<String> {
        let service = self.get(&["service", service])?;
        let version = &service["spec"]["selector"]["app.kubernetes.io/version"];
        Ok(version
            .as_str()
            .context("it selects by no version")?
            .to_owned())
    }

    /// The names of a release's objects of a kind.
    pub(super) fn names(&self, kind: &str, version: &str) -> Result<Vec<String>> {
        let selector = format!("app.kubernetes.io/version={version}");
        let found = self.get(&[kind, "--selector", &selector])?;
        let names = list(&found["items"]).iter();
        Ok(names
            .filter_map(|item| Some(item["metadata"]["name"].as_str()?.to_owned()))
            .collect())
    }

    /// The event-source mappings that there are, of all releases.
    pub(super) fn mappings(&self) -> Result<Vec<String>> {
        let found = self.get(&["eventsourcemappings"])?;
        let names = list(&found["items"]).iter();
        Ok(names
            .filter_map(|item| Some(item["metadata"]["name"].as_str()?.to_owned()))
            .collect())
    }
}
