//! Who may do what, and that everything that is referred to is there.

use serde_json::Value;

use super::of_kind;
use crate::object::{Object, list, selects, text, texts};

/// Pods run as accounts of their own that are there.
pub(super) fn accounts(objects: &[Object]) -> Vec<String> {
    objects
        .iter()
        .filter_map(|object| Some((object, text(object.pod()?, "serviceAccountName"))))
        .filter(|(_, account)| {
            !of_kind(objects, "ServiceAccount").any(|known| known.name() == *account)
        })
        .map(|(object, account)| format!("{object}: there is no service account {account:?}"))
        .collect()
}

/// In one namespace, nothing left to fill in, and Services that lead to pods.
pub(super) fn names(objects: &[Object]) -> Vec<String> {
    let mut wrong = Vec::new();
    let namespaces: Vec<_> = of_kind(objects, "Namespace").map(Object::name).collect();
    for object in objects {
        if !object.is("Namespace") && !namespaces.contains(&object.text("/metadata/namespace")) {
            wrong.push(format!(
                "{object}: is in a namespace that is not this environment's"
            ));
        }
        let mut found = Vec::new();
        texts(&object.0, "", &mut found);
        for (path, text) in found {
            if let Some(word) = placeholder(text).filter(|_| !names_a_variable(&path)) {
                wrong.push(format!("{object}: {word} was not filled in at {path}"));
            }
        }
    }
    for service in of_kind(objects, "Service") {
        let selector = service.at("/spec/selector");
        let led = objects
            .iter()
            .filter(|object| selects(selector, object.at("/spec/template/metadata/labels")))
            .count();
        if led != 1 {
            wrong.push(format!("{service}: selects the pods of {led} releases"));
        }
        if selector["app.kubernetes.io/version"].is_null() {
            wrong.push(format!("{service}: selects whatever release there is"));
        }
    }
    wrong
}

/// A word that stands in a base for what an environment has: whole, or as a part of an address or a
/// reference.
fn placeholder(text: &str) -> Option<&str> {
    // In messages and scripts capitals mean other things.
    if text.contains(char::is_whitespace) {
        return None;
    }
    text.split([':', '/', '#', '"', '@']).find(|word| {
        word.len() > 5
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
}

/// Names of variables are written that way, too.
fn names_a_variable(path: &str) -> bool {
    path.contains("/env/") && (path.ends_with("/name") || path.ends_with("/key"))
}

/// Nobody may do everything: neither to the API server nor to AWS.
pub(super) fn no_wildcards(objects: &[Object]) -> Vec<String> {
    let grants = |rule: &Value| {
        ["verbs", "resources", "apiGroups"]
            .iter()
            .any(|field| list(&rule[*field]).iter().any(|value| value == "*"))
    };
    objects
        .iter()
        .filter(|object| ["Role", "ClusterRole"].contains(&object.kind()))
        .filter(|role| role.list("/rules").iter().any(grants))
        .map(|role| format!("{role}: allows everything"))
        .collect()
}
