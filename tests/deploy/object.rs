//! An object of Kubernetes as policies look at it.

use std::fmt;

use anyhow::{Context, Result};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object(pub(crate) Value);

/// Every document of a text in YAML.
pub(crate) fn parse(yaml: &str) -> Result<Vec<Object>> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(yaml).context("what was rendered cannot be read")?;
    Ok(documents
        .into_iter()
        .filter(|document| !document.is_null())
        .map(Object)
        .collect())
}

impl Object {
    pub(crate) fn kind(&self) -> &str {
        self.text("/kind")
    }

    pub(crate) fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kind() == kind
    }

    /// At a JSON pointer; null when there is nothing.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// Empty when there is no text.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_default()
    }

    pub(crate) fn number(&self, pointer: &str) -> Option<u64> {
        self.at(pointer).as_u64()
    }

    /// Nothing when there is no list.
    pub(crate) fn list(&self, pointer: &str) -> &[Value] {
        list(self.at(pointer))
    }

    /// What pods are made from, in whatever makes them.
    pub(crate) fn pod(&self) -> Option<&Value> {
        self.0.pointer("/spec/template/spec")
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.name())
    }
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Every text in it, with the key or pointer that leads there.
pub(crate) fn texts<'a>(value: &'a Value, path: &str, found: &mut Vec<(String, &'a str)>) {
    match value {
        Value::String(text) => found.push((path.to_owned(), text)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(item, &format!("{path}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                texts(field, &format!("{path}/{key}"), found);
            }
        }
        _ => {}
    }
}

/// Whether everything that is selected by is among the labels.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    selector.as_object().is_some_and(|selector| {
        !selector.is_empty() && selector.iter().all(|(key, value)| labels[key] == *value)
    })
}
