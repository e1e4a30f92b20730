//! No secret in what is rendered, for it is committed.

use crate::object::{Object, texts};

/// Settings that hold a secret, and so may only say where it is.
const SECRET_SETTINGS: [&str; 3] = ["DATABASE_URL", "PLATEN_JWT_KEY", "PLATEN_JWT_PREVIOUS_KEYS"];

const REFERENCES: [&str; 2] = ["secretsmanager:", "ssm:"];

pub(super) fn none(objects: &[Object]) -> Vec<String> {
    let mut wrong = Vec::new();
    for object in objects {
        if object.is("Secret") {
            wrong.push(format!("{object}: is a secret in the repository"));
        }
        let mut found = Vec::new();
        texts(&object.0, "", &mut found);
        for (path, text) in found {
            if let Some(what) = looks_secret(text) {
                wrong.push(format!("{object}: holds {what} at {path}"));
            }
            let setting = path.rsplit('/').next().unwrap_or_default();
            if SECRET_SETTINGS.contains(&setting) && !is_reference(text) {
                wrong.push(format!("{object}: {setting} is written out"));
            }
        }
        wrong.extend(variables(object));
    }
    wrong
}

/// Variables of containers, where name and value are beside each other.
fn variables(object: &Object) -> impl Iterator<Item = String> {
    let containers = object.list("/spec/template/spec/containers");
    let variables = containers
        .iter()
        .flat_map(|container| crate::object::list(&container["env"]));
    variables
        .filter(|variable| {
            let name = crate::object::text(variable, "name");
            SECRET_SETTINGS.contains(&name) && !is_reference(crate::object::text(variable, "value"))
        })
        .map(move |variable| format!("{object}: {} is written out", variable["name"]))
}

fn is_reference(text: &str) -> bool {
    text.is_empty() || REFERENCES.iter().any(|scheme| text.starts_with(scheme))
}

/// What a text gives itself away as.
pub(crate) fn looks_secret(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") {
        return Some("a private key");
    }
    if text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(is_access_key)
    {
        return Some("an access key of AWS");
    }
    let mut urls = text.split("://").skip(1);
    let credentials = urls.any(|rest| {
        let authority = rest.split(['/', ' ', '"', '\n']).next().unwrap_or_default();
        authority
            .rsplit_once('@')
            .and_then(|(user, _)| user.split_once(':'))
            .is_some_and(|(_, password)| password.chars().all(|c| !"$<>{}…".contains(c)))
    });
    credentials.then_some("a password in a URL")
}

fn is_access_key(word: &str) -> bool {
    word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA"))
}
