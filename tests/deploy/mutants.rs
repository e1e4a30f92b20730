//! Each policy catches what it is for: one thing is changed in an environment that is well, and the
//! policies have to say so.

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
const POD: &str = "/spec/template/spec";
const CONTAINER: &str = "/spec/template/spec/containers/0";

#[test]
fn pods_that_are_not_restricted() -> Result<()> {
    let pod = |field: &str| format!("{POD}/{field}");
    let container = |field: &str| format!("{CONTAINER}/{field}");
    let context = container("securityContext");
    let changes = [
        (pod("securityContext/runAsNonRoot"), Value::Null, "root"),
        (pod("securityContext/runAsUser"), json!(0), "root"),
        (
            pod("securityContext/seccompProfile"),
            Value::Null,
            "seccomp",
        ),
        (pod("automountServiceAccountToken"), Value::Null, "token"),
        (pod("hostNetwork"), json!(true), "hostNetwork"),
        (
            pod("volumes"),
            json!([{"name": "host", "hostPath": {"path": "/"}}]),
            "hostPath",
        ),
        (
            pod("volumes"),
            json!([{"name": "key", "secret": {"secretName": "key"}}]),
            "kind secret",
        ),
        (
            format!("{context}/allowPrivilegeEscalation"),
            Value::Null,
            "privileges",
        ),
        (
            format!("{context}/readOnlyRootFilesystem"),
            json!(false),
            "file system",
        ),
        (
            format!("{context}/capabilities"),
            json!({"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
            "capabilities",
        ),
        (format!("{context}/privileged"), json!(true), "privileged"),
        (
            container("ports/0/hostPort"),
            json!(8080),
            "port of the node",
        ),
        (container("readinessProbe"), Value::Null, "readinessProbe"),
        (container("livenessProbe"), Value::Null, "livenessProbe"),
        (container("resources/requests"), Value::Null, "requests/cpu"),
        (container("resources/limits"), Value::Null, "limits/memory"),
        (pod("topologySpreadConstraints"), Value::Null, "one node"),
        (
            pod("serviceAccountName"),
            json!("default"),
            "service account",
        ),
        (
            container("image"),
            json!("registry.example/platen-backend:latest"),
            "digest",
        ),
        (
            container("image"),
            json!("registry.example/platen-backend@sha256:0"),
            "digest",
        ),
    ];
    let mut mutants: Vec<_> = changes
        .iter()
        .map(|(pointer, value, expected)| (BACKEND, pointer.as_str(), value.clone(), *expected))
        .collect();
    let enforced = "/metadata/labels/pod-security.kubernetes.io~1enforce";
    mutants.push((
        ("Namespace", "platen"),
        enforced,
        json!("baseline"),
        "not restricted",
    ));
    each_is_caught(&mutants)
}

#[test]
fn functions_and_mappings_that_do_not_fit() -> Result<()> {
    let function = ("Function", "converter");
    let mapping = ("EventSourceMapping", "converter");
    let queue = ("Queue", "work");
    each_is_caught(&[
        (
            function,
            "/spec/code/imageURI",
            json!("registry.example/platen-converter:4f2a91c"),
            "digest",
        ),
        (function, "/spec/memorySize", json!(1024), "memory"),
        (function, "/spec/timeout", json!(60), "ends before"),
        (function, "/spec/vpcConfig", Value::Null, "VPC"),
        (
            function,
            "/spec/reservedConcurrentExecutions",
            json!(9),
            "reserved",
        ),
        (
            function,
            "/spec/reservedConcurrentExecutions",
            Value::Null,
            "reserved",
        ),
        (
            mapping,
            "/spec/functionResponseTypes",
            Value::Null,
            "failed",
        ),
        (
            mapping,
            "/spec/scalingConfig/maximumConcurrency",
            json!(1),
            "2 to 1000",
        ),
        (mapping, "/spec/scalingConfig", Value::Null, "2 to 1000"),
        (mapping, "/spec/batchSize", json!(10), "batches larger"),
        (
            mapping,
            "/spec/functionRef/from/name",
            json!("converter"),
            "no function",
        ),
        (mapping, "/spec/eventSourceARN", Value::Null, "ARN"),
        (
            queue,
            "/spec/visibilityTimeout",
            json!("719"),
            "hides messages",
        ),
        (queue, "/spec/redrivePolicy", Value::Null, "dead letters"),
        (
            queue,
            "/metadata/annotations/services.k8s.aws~1deletion-policy",
            json!("delete"),
            "goes with",
        ),
    ])
}

#[test]
fn networks_that_are_open_or_shut_too_much() -> Result<()> {
    let deny = ("NetworkPolicy", "default-deny");
    let backend = ("NetworkPolicy", "backend");
    let everything = json!([{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 80}]}]);
    each_is_caught(&[
        (deny, "/spec/policyTypes", json!(["Ingress"]), "by default"),
        (
            deny,
            "/spec/podSelector",
            json!({"matchLabels": {"a": "b"}}),
            "by default",
        ),
        (deny, "/spec/egress", json!([{}]), "any peer"),
        (backend, "/spec/egress", everything, "169.254.169.254"),
        (backend, "/spec/ingress/0/from", Value::Null, "any peer"),
        (backend, "/spec/ingress/0/ports", Value::Null, "any port"),
        (
            ("NetworkPolicy", "dns"),
            "/spec/egress/0/ports/0/protocol",
            json!("TCP"),
            "name servers",
        ),
        (
            ("NetworkPolicy", "dns"),
            "/spec/podSelector",
            json!({"matchLabels": {"a": "b"}}),
            "name servers",
        ),
        (
            backend,
            "/spec/egress/0/ports/0/port",
            json!(5433),
            "database",
        ),
        (
            backend,
            "/spec/egress/1/to/0/ipBlock/cidr",
            json!("192.0.2.0/24"),
            "endpoints",
        ),
        (
            backend,
            "/spec/egress/2/to/0/ipBlock/cidr",
            json!("169.254.170.2/32"),
            "169.254.170.23",
        ),
        (
            backend,
            "/spec/egress/3/ports",
            json!([{"port": 80}]),
            "DynamoDB",
        ),
    ])
}

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
