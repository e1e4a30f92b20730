//! Of pods.

use anyhow::Result;
use serde_json::{Value, json};

use super::{BACKEND, CONTAINER, each_is_caught};

const POD: &str = "/spec/template/spec";

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
