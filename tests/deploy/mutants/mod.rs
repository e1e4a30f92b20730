//! Each policy catches what it is for: one thing is changed in an environment that is well, and the
//! policies have to say so.

mod conversion;
mod network;
mod pods;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    environment::with,
    object::Object,
    policy::{looks_secret, violations},
};

/// An environment that has one of everything that policies look at.
fn good() -> Result<Vec<Object>> {
    Ok(with("dev", &["ack", "components/gateway"])?.objects)
}

/// Sets what is at a pointer in the first object of that kind and name; null takes it away.
fn change(
    objects: &mut [Object],
    (kind, name): (&str, &str),
    pointer: &str,
    value: Value,
) -> Result<()> {
    let object = objects
        .iter_mut()
        .find(|object| object.is(kind) && object.name().starts_with(name))
        .with_context(|| format!("there is no {kind} {name}"))?;
    let (parent, key) = pointer
        .rsplit_once('/')
        .context("a pointer begins with a slash")?;
    let key = key.replace("~1", "/");
    let parent = object
        .0
        .pointer_mut(parent)
        .with_context(|| format!("there is no {pointer}"))?;
    match parent {
        Value::Array(items) => items[key.parse::<usize>()?] = value,
        Value::Object(fields) if value.is_null() => {
            fields
                .remove(&key)
                .with_context(|| format!("there is no {pointer}"))?;
        }
        Value::Object(fields) => {
            fields.insert(key, value);
        }
        _ => anyhow::bail!("{pointer} is in no object"),
    }
    Ok(())
}

#[track_caller]
fn assert_caught(objects: &[Object], what: &str, expected: &str) {
    let violations = violations(objects);
    assert!(
        violations
            .iter()
            .any(|violation| violation.contains(expected)),
        "{what} passed, or for other reasons: {violations:?}"
    );
}

/// Kind and name of an object, what is changed there to what, and a word of the complaint.
type Mutant<'a> = ((&'a str, &'a str), &'a str, Value, &'a str);

fn each_is_caught(mutants: &[Mutant<'_>]) -> Result<()> {
    let good = good()?;
    assert_eq!(
        violations(&good),
        [""; 0],
        "what is to be broken is broken already"
    );
    for (object, pointer, value, expected) in mutants {
        let mut objects = good.clone();
        change(&mut objects, *object, pointer, value.clone())?;
        assert_caught(
            &objects,
            &format!("{object:?} {pointer} = {value}"),
            expected,
        );
    }
    Ok(())
}

const BACKEND: (&str, &str) = ("Deployment", "backend");
const CONTAINER: &str = "/spec/template/spec/containers/0";

#[test]
fn numbers_of_pods_with_two_masters_or_none() -> Result<()> {
    let keda = json!({
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "backend", "namespace": "platen-dev"},
        "spec": {"scaleTargetRef": {"name": "backend-4f2a91c"}},
    });
    let mut objects = good()?;
    objects.push(Object(keda));
    assert_caught(&objects, "an HPA and KEDA on one target", "is scaled by");
    each_is_caught(&[
        (BACKEND, "/spec/replicas", json!(3), "takes back"),
        (
            ("HorizontalPodAutoscaler", "backend"),
            "/spec/scaleTargetRef/name",
            json!("backend"),
            "no Deployment",
        ),
        (
            ("HorizontalPodAutoscaler", "backend"),
            "/spec/maxReplicas",
            json!(1),
            "scales from",
        ),
        (
            ("PodDisruptionBudget", "backend"),
            "/spec/selector/matchLabels",
            json!({"a": "b"}),
            "budget",
        ),
    ])
}

#[test]
fn what_leads_nowhere_or_was_not_filled_in() -> Result<()> {
    let version = "/spec/selector/app.kubernetes.io~1version";
    each_is_caught(&[
        (
            ("Service", "backend"),
            version,
            json!("another"),
            "0 releases",
        ),
        (
            ("Service", "backend"),
            version,
            Value::Null,
            "whatever release",
        ),
        (
            ("ConfigMap", "settings"),
            "/data/AWS_REGION",
            json!("AWS_REGION"),
            "not filled in",
        ),
        (
            ("Function", "converter"),
            "/spec/role",
            json!("CONVERTER_ROLE_ARN"),
            "not filled in",
        ),
        (
            BACKEND,
            "/metadata/namespace",
            json!("default"),
            "namespace",
        ),
    ])
}

#[test]
fn rights_to_everything() -> Result<()> {
    let mut objects = good()?;
    objects.push(Object(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "backend", "namespace": "platen-dev"},
        "rules": [{"apiGroups": [""], "resources": ["*"], "verbs": ["get"]}],
    })));
    assert_caught(&objects, "a role for everything", "allows everything");
    Ok(())
}

#[test]
fn secrets_that_are_written_out() -> Result<()> {
    let mut objects = good()?;
    objects.push(Object(json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "platen-dev"},
    })));
    assert_caught(&objects, "a Secret", "is a secret");
    let settings = ("ConfigMap", "settings");
    let env = format!("{CONTAINER}/env");
    each_is_caught(&[
        (
            settings,
            "/data/PLATEN_JWT_KEY",
            json!("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"),
            "written out",
        ),
        (
            settings,
            "/data/DATABASE_URL",
            json!("postgres://platen:hunter2@db/platen"),
            "password",
        ),
        (
            BACKEND,
            &env,
            json!([{"name": "PLATEN_JWT_KEY", "value": "c2VjcmV0"}]),
            "written out",
        ),
    ])?;
    for text in [
        "-----BEGIN RSA PRIVATE KEY-----",
        concat!("AKIA", "0123456789ABCDEF"),
    ] {
        assert!(looks_secret(text).is_some(), "{text}");
    }
    for text in [
        "https://user@example.com/",
        "postgres://user:${PASSWORD}@db/platen",
        "arn:aws:iam::1:role/a",
    ] {
        assert_eq!(looks_secret(text), None, "{text}");
    }
    Ok(())
}
