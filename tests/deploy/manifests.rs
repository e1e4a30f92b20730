//! Every overlay, and every component with every environment: rendered, valid to the letter, and within
//! the policies.

use std::{collections::BTreeSet, fs};

use anyhow::Result;
use serde_json::Value;

use crate::{
    environment::{COMPOSITIONS, Environment, environment, with},
    kustomize::{ENVIRONMENTS, folder},
    object::{list, parse, text},
    policy::violations,
    schema::complaints,
    tools::root,
};

fn assert_valid(yaml: &str) -> Result<()> {
    let complaints = complaints(yaml)?;
    assert!(
        complaints.is_empty(),
        "not valid:\n{}",
        complaints.join("\n")
    );
    Ok(())
}

fn assert_allowed(what: &str, environment: &Environment) {
    let violations = violations(&environment.objects);
    assert!(
        violations.is_empty(),
        "{what} is not as it should be:\n{}",
        violations.join("\n")
    );
}

#[test]
fn every_overlay_is_valid_and_within_the_policies() -> Result<()> {
    for name in ENVIRONMENTS {
        let environment = environment(name)?;
        assert_allowed(name, &environment);
        assert_valid(&environment.yaml)?;
    }
    Ok(())
}

#[test]
fn every_component_goes_with_every_environment() -> Result<()> {
    // Together: reading the schemas takes longer than validating.
    let mut yaml = String::new();
    for name in ENVIRONMENTS {
        for (composition, components) in COMPOSITIONS {
            let environment = with(name, components)?;
            assert_allowed(&format!("{name} with {composition}"), &environment);
            yaml.push_str(&environment.yaml);
        }
    }
    assert_valid(&yaml)
}

#[test]
fn no_component_is_left_out() -> Result<()> {
    let tried: BTreeSet<_> = COMPOSITIONS
        .iter()
        .flat_map(|(_, components)| *components)
        .filter_map(|component| component.strip_prefix("components/"))
        .map(str::to_owned)
        .collect();
    let mut present = BTreeSet::new();
    for entry in fs::read_dir(root().join("deploy/components"))? {
        present.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    assert_eq!(tried, present);
    Ok(())
}

/// The environments differ in what they are named, not in what they are made of.
#[test]
fn environments_have_the_same_objects() -> Result<()> {
    let kinds = |name| -> Result<BTreeSet<_>> {
        let objects = environment(name)?.objects;
        let named = objects.iter().filter(|object| !object.is("Namespace"));
        Ok(named
            .filter(|object| !object.kind().starts_with("Datadog"))
            .map(|object| format!("{object}"))
            .collect())
    };
    let prod: BTreeSet<_> = kinds("prod")?
        .into_iter()
        .filter(|name| !name.contains("datadog"))
        .collect();
    assert_eq!(kinds("dev")?, prod);
    Ok(())
}

#[test]
fn argo_cd_takes_its_project_and_applications() -> Result<()> {
    let rendered = folder(&root().join("deploy/argocd"))?;
    assert_valid(&rendered.yaml)
}

/// Argo CD refuses kinds that the project does not name, so what can be rendered has to be named, and
/// nothing else.
#[test]
fn the_project_allows_what_is_rendered_and_no_more() -> Result<()> {
    let argo = folder(&root().join("deploy/argocd"))?;
    let project = argo.objects.iter().find(|object| object.is("AppProject"));
    let project = project.expect("there is a project");
    let allowed: BTreeSet<_> = [
        "/spec/clusterResourceWhitelist",
        "/spec/namespaceResourceWhitelist",
    ]
    .iter()
    .flat_map(|list| project.list(list))
    .map(|kind| (kind["group"].to_string(), kind["kind"].to_string()))
    .collect();
    let mut rendered = BTreeSet::new();
    for (_, components) in COMPOSITIONS {
        for object in with("dev", components)?.objects {
            let group = object
                .text("/apiVersion")
                .split_once('/')
                .map_or("", |(group, _)| group);
            rendered.insert((format!("{group:?}"), format!("{:?}", object.kind())));
        }
    }
    assert_eq!(allowed, rendered);
    Ok(())
}

/// Where the scripts apply what Argo CD would, they may write each kind that it may.
#[test]
fn who_applies_may_write_what_is_rendered() -> Result<()> {
    let argo = folder(&root().join("deploy/argocd"))?;
    let project = argo.objects.iter().find(|object| object.is("AppProject"));
    let access = fs::read_to_string(root().join("deploy/pipelines/access.yaml"))?;
    let roles = parse(&access)?;
    let role = roles
        .iter()
        .find(|object| object.name() == "platen-delivery-apply")
        .expect("there is a role");
    let kinds = project
        .expect("there is a project")
        .list("/spec/namespaceResourceWhitelist");
    assert!(!kinds.is_empty());
    for kind in kinds {
        // How Kubernetes and those who follow it make plurals.
        let singular = text(kind, "kind").to_lowercase();
        let plural = match singular.strip_suffix("cy") {
            Some(stem) => format!("{stem}cies"),
            None if singular.ends_with('s') => format!("{singular}es"),
            None => format!("{singular}s"),
        };
        let may = role.list("/rules").iter().any(|rule| {
            list(&rule["apiGroups"]).contains(&kind["group"])
                && list(&rule["resources"]).contains(&Value::from(plural.clone()))
                && list(&rule["verbs"]).contains(&Value::from("delete"))
        });
        assert!(may, "{kind} as {plural}");
    }
    Ok(())
}

/// A schema that lets everything pass would let the above pass, too.
#[test]
fn validation_refuses_what_no_cluster_takes() -> Result<()> {
    let good = environment("dev")?.yaml;
    for (from, to, expected) in [
        ("readinessProbe:", "readynessProbe:", "readynessProbe"),
        (
            "averageUtilization: 70",
            "averageUtilization: most",
            "averageUtilization",
        ),
        ("policyTypes:", "policyTipes:", "policyTipes"),
        ("imageURI:", "imageUrl:", "imageUrl"),
        (
            "maximumConcurrency: 10",
            "maximumConcurrency: 1",
            "maximumConcurrency",
        ),
        ("sectionName: https", "sectionNumber: 1", "sectionNumber"),
        (
            "kind: PodDisruptionBudget",
            "kind: PodEruptionBudget",
            "PodEruptionBudget",
        ),
    ] {
        assert!(good.contains(from), "there is no {from:?} to break");
        let complaints = complaints(&good.replace(from, to))?.join("\n");
        assert!(complaints.contains(expected), "{to:?} passed: {complaints}");
    }
    let keda = with("dev", &["components/worker-keda"])?.yaml;
    for (from, to) in [
        ("minReplicaCount: 0", "minReplicaCount: few"),
        ("podIdentity:", "podName:"),
    ] {
        assert!(keda.contains(from), "there is no {from:?} to break");
        assert!(
            !complaints(&keda.replace(from, to))?.is_empty(),
            "{to:?} passed"
        );
    }
    Ok(())
}
