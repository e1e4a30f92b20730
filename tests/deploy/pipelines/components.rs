//! Overlays that choose other components than ours render to releases that hang together, too.

use std::{fs, path::Path};

use anyhow::Result;

use super::{Delivery, says};
use crate::tools::run;

/// A release and the route to it, with a component more in the overlay, or one in the place of another.
fn rendered(component: &str, kinds: &[&str], instead_of: Option<&str>) -> Result<[String; 2]> {
    let delivery = Delivery::new()?;
    let tree = delivery.copy_of_the_tree()?;
    for kind in kinds {
        let file = format!("{tree}/deploy/overlays/dev/{kind}/kustomization.yaml");
        let overlay = fs::read_to_string(&file)?;
        let chosen = format!("  - ../../../components/{component}/{kind}\n");
        let changed = match instead_of {
            Some(other) => overlay.replace(&format!("  - ../../../{other}/{kind}\n"), &chosen),
            None => overlay.replace("components:\n", &format!("components:\n{chosen}")),
        };
        assert_ne!(overlay, changed, "{file} has not the place");
        fs::write(&file, changed)?;
    }
    let images = delivery.images("one")?;
    let output = delivery.folder().join("rendered").display().to_string();
    let render = Path::new(&tree).join("deploy/pipelines/bin/render");
    let arguments = [
        "--environment",
        "dev",
        "--images",
        &images,
        "--output",
        &output,
    ];
    run(&mut delivery.prepare(render, &arguments)?, "")?;
    Ok([
        fs::read_to_string(format!("{output}/releases/one/manifests.yaml"))?,
        fs::read_to_string(format!("{output}/routes/one.yaml"))?,
    ])
}

#[test]
fn rollouts_and_autoscalers_name_the_release_that_they_belong_to() -> Result<()> {
    let [release, _] = rendered("argo-rollouts", &["release"], None)?;
    says(
        &release,
        &[
            "  workloadRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: backend-one\n",
            "  scaleTargetRef:\n    apiVersion: argoproj.io/v1alpha1\n    kind: Rollout\n    name: backend-one\n",
        ],
    )
}

#[test]
fn workers_get_the_image_and_the_route_scales_those_of_its_release() -> Result<()> {
    let [release, route] = rendered("worker-keda", &["release", "route"], Some("ack"))?;
    says(
        &release,
        &[
            "name: worker-one\n",
            "image: 127.0.0.1:5000/platen-converter@sha256:",
        ],
    )?;
    assert!(!release.contains("kind: Function"), "{release}");
    says(
        &route,
        &[
            "  name: worker-one\n",
            "  scaleTargetRef:\n    name: worker-one\n",
        ],
    )
}
