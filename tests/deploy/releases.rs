//! Releases side by side, and the route between them.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::Value;

use crate::{
    kustomize::{ENVIRONMENTS, Kind, composed, overlay},
    object::{Object, selects},
};

const OLD: &str = "0d1e2f3";
/// All digits: what YAML would take for a number has to stay a text.
const NEW: &str = "1234567";

fn names(objects: &[Object]) -> BTreeSet<String> {
    objects.iter().map(ToString::to_string).collect()
}

#[test]
fn two_releases_share_no_object_and_no_pod() -> Result<()> {
    for environment in ENVIRONMENTS {
        let old = overlay(environment, Kind::Release, OLD)?.objects;
        let new = overlay(environment, Kind::Release, NEW)?.objects;
        assert!(names(&old).is_disjoint(&names(&new)));
        for (one, other) in [(&old, &new), (&new, &old)] {
            for selector in one
                .iter()
                .map(|object| object.at("/spec/selector/matchLabels"))
            {
                let taken = other
                    .iter()
                    .find(|object| selects(selector, object.at("/spec/template/metadata/labels")));
                assert_eq!(taken, None, "{selector} selects pods of another release");
            }
        }
        let functions = |objects: &[Object]| -> BTreeSet<String> {
            let functions = objects.iter().filter(|object| object.is("Function"));
            functions
                .map(|function| function.text("/spec/name").to_owned())
                .collect()
        };
        assert!(functions(&old).is_disjoint(&functions(&new)));
    }
    Ok(())
}

#[test]
fn every_object_of_a_release_is_named_and_labelled_by_it() -> Result<()> {
    for components in [
        &["ack"][..],
        &["components/worker-keda", "components/argo-rollouts"],
    ] {
        for object in composed("prod", Kind::Release, NEW, components)?.objects {
            assert!(object.name().ends_with(&format!("-{NEW}")), "{object}");
            let label = &object.at("/metadata/labels")["app.kubernetes.io/version"];
            assert_eq!(label, &Value::from(NEW), "{object}");
        }
    }
    Ok(())
}

/// The Services keep their names: balancers and frontends know them. What takes messages is another
/// object, because its controller does not notice when its function changes.
#[test]
fn a_route_moves_services_and_replaces_what_takes_messages() -> Result<()> {
    for (components, consumer) in [
        ("ack", "EventSourceMapping"),
        ("components/worker-keda", "ScaledObject"),
    ] {
        let old = composed("prod", Kind::Route, OLD, &[components])?.objects;
        let new = composed("prod", Kind::Route, NEW, &[components])?.objects;
        let both: Vec<_> = names(&old).intersection(&names(&new)).cloned().collect();
        assert_eq!(both, ["Service backend", "Service frontend"]);
        for object in &new {
            if object.is(consumer) {
                assert!(object.name().ends_with(NEW), "{object}");
            } else {
                let selector = object.at("/spec/selector");
                assert_eq!(selector["app.kubernetes.io/version"], NEW, "{object}");
            }
        }
    }
    Ok(())
}

#[test]
fn an_environment_is_applied_twice_without_a_difference() -> Result<()> {
    for kind in Kind::ALL {
        let first = overlay("prod", kind, NEW)?.yaml;
        assert_eq!(first, overlay("prod", kind, NEW)?.yaml);
    }
    Ok(())
}
