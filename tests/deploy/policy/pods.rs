//! Pods: restricted as Kubernetes' Pod Security Standards say, and more; images by digest.

use serde_json::{Value, json};

use super::of_kind;
use crate::object::{Object, list, text};

/// Volumes that the restricted standard knows, less those that bring secrets along.
const VOLUMES: [&str; 5] = ["configMap", "csi", "downwardAPI", "emptyDir", "projected"];

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    ["containers", "initContainers", "ephemeralContainers"]
        .into_iter()
        .flat_map(|kind| list(&pod[kind]))
}

/// By digest only: what was tested is what runs, and a tag that moves changes nothing.
pub(super) fn images(objects: &[Object]) -> Vec<String> {
    let of_pods = objects.iter().flat_map(|object| {
        let pods = object.pod().into_iter().flat_map(containers);
        pods.map(move |container| (object, text(container, "image")))
    });
    let of_functions = of_kind(objects, "Function")
        .map(|function| (function, function.text("/spec/code/imageURI")));
    of_pods
        .chain(of_functions)
        .filter(|(_, image)| !is_by_digest(image))
        .map(|(object, image)| format!("{object}: image {image:?} is not named by its digest"))
        .collect()
}

fn is_by_digest(image: &str) -> bool {
    image.split_once("@sha256:").is_some_and(|(name, digest)| {
        !name.is_empty()
            && digest.len() == 64
            && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>, a root file system that
/// is read-only, and no token for an API server that nobody talks to.
pub(super) fn restricted(objects: &[Object]) -> Vec<String> {
    let mut wrong = Vec::new();
    for object in objects {
        let Some(pod) = object.pod() else { continue };
        let mut complain = |what: String| wrong.push(format!("{object}: {what}"));
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            if pod[field] == json!(true) {
                complain(format!("{field} is on"));
            }
        }
        if pod["automountServiceAccountToken"] != json!(false) {
            complain("mounts a token for the API server".into());
        }
        let context = &pod["securityContext"];
        if context["runAsNonRoot"] != json!(true) || context["runAsUser"].as_u64().unwrap_or(0) == 0
        {
            complain("may run as root".into());
        }
        if !["RuntimeDefault", "Localhost"].contains(&text(&context["seccompProfile"], "type")) {
            complain("has no seccomp profile".into());
        }
        for volume in list(&pod["volumes"]) {
            let kinds = volume
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, _)| key.as_str());
            for kind in kinds.filter(|key| *key != "name" && !VOLUMES.contains(key)) {
                complain(format!("mounts a volume of the kind {kind}"));
            }
        }
        for container in containers(pod) {
            container_restricted(container, &mut complain);
        }
    }
    wrong.extend(namespaces(objects));
    wrong
}

fn container_restricted(container: &Value, complain: &mut impl FnMut(String)) {
    let context = &container["securityContext"];
    let name = text(container, "name");
    if context["allowPrivilegeEscalation"] != json!(false) {
        complain(format!("{name} may gain privileges"));
    }
    if context["privileged"] == json!(true) || context["runAsUser"] == json!(0) {
        complain(format!("{name} is privileged"));
    }
    if context["readOnlyRootFilesystem"] != json!(true) {
        complain(format!("{name} may write to its root file system"));
    }
    if context["capabilities"] != json!({"drop": ["ALL"]}) {
        complain(format!("{name} keeps capabilities"));
    }
    for port in list(&container["ports"]) {
        if !port["hostPort"].is_null() {
            complain(format!("{name} takes a port of the node"));
        }
    }
}

fn namespaces(objects: &[Object]) -> impl Iterator<Item = String> {
    of_kind(objects, "Namespace")
        .filter(|namespace| {
            namespace.at("/metadata/labels")["pod-security.kubernetes.io/enforce"] != "restricted"
        })
        .map(|namespace| format!("{namespace}: admits pods that are not restricted"))
}

/// Probes, resources, and time to end: without them roll-outs and autoscalers are blind.
pub(super) fn prepared(objects: &[Object]) -> Vec<String> {
    let mut wrong = Vec::new();
    for object in objects {
        let Some(pod) = object.pod() else { continue };
        for container in list(&pod["containers"]) {
            for field in ["readinessProbe", "livenessProbe"] {
                if container[field].is_null() {
                    wrong.push(format!("{object}: has no {field}"));
                }
            }
            let resources = &container["resources"];
            for pointer in ["/requests/cpu", "/requests/memory", "/limits/memory"] {
                if resources.pointer(pointer).is_none() {
                    wrong.push(format!("{object}: has no resources{pointer}"));
                }
            }
        }
        if pod["topologySpreadConstraints"].is_null() {
            wrong.push(format!("{object}: may have all its pods on one node"));
        }
    }
    wrong
}
