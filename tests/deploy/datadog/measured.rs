//! What is measured, and what Datadog calls it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    object::{self, text},
    tools::{files_ending, root},
};

/// Whose pods the agent asks, and where the code is that registers what they tell.
const ASKED: [(&str, &[&str]); 2] = [
    (
        "backend",
        &[
            "backend/src",
            "crates/converter/src",
            "crates/thumbnail/src",
        ],
    ),
    ("worker", &["crates/converter/src", "crates/renderer/src"]),
];

/// What the code measures: names, each with whether it is a histogram, and labels.
pub(super) struct Measured {
    pub(super) names: BTreeMap<String, bool>,
    pub(super) labels: BTreeSet<String>,
}

pub(super) fn measured(folders: &[&str]) -> Result<Measured> {
    let mut measured = Measured {
        names: BTreeMap::new(),
        labels: BTreeSet::new(),
    };
    for folder in folders {
        for file in files_ending(folder, &["rs"])? {
            let source = fs::read_to_string(&file)?;
            // Every other piece is a text; nobody puts quotes into these.
            for (literal, after) in source.split('"').skip(1).zip(source.split('"').skip(2)) {
                let is_histogram = literal.ends_with("_seconds");
                if literal.starts_with("platen_") && (is_histogram || literal.ends_with("_total")) {
                    measured.names.insert(literal.to_owned(), is_histogram);
                }
                if after.starts_with(" => ") {
                    measured.labels.insert(literal.to_owned());
                }
            }
        }
    }
    Ok(measured)
}

/// Metrics by the names that Datadog's `OpenMetrics` check gives them: as the component tells it to.
pub(super) fn collected() -> Result<BTreeSet<String>> {
    let mut collected = BTreeSet::new();
    for (pod, folders) in ASKED {
        let path = format!("deploy/components/datadog/release/{pod}.yaml");
        let pods = object::parse(&fs::read_to_string(root().join(&path))?)?;
        let annotation = pods[0].text(&format!(
            "/spec/template/metadata/annotations/ad.datadoghq.com~1{pod}.checks"
        ));
        collected
            .extend(told(annotation, &measured(folders)?.names).with_context(|| path.clone())?);
    }
    Ok(collected)
}

pub(super) fn told(annotation: &str, names: &BTreeMap<String, bool>) -> Result<Vec<String>> {
    let checks: Value = serde_json::from_str(annotation)?;
    let instance = &checks["openmetrics"]["instances"][0];
    let namespace = text(instance, "namespace");
    let metrics = instance["metrics"][0].as_object();
    let mut told = Vec::new();
    for (from, to) in metrics.context("the check names no metrics")? {
        let to = to.as_str().unwrap_or_default();
        // The check leaves out what ends the name of a counter.
        let kinds: &[_] = match (names.get(from), names.get(&format!("{from}_total"))) {
            (Some(true), _) => &["bucket", "count", "sum"],
            (_, Some(false)) => &["count"],
            _ => anyhow::bail!("{from} is measured by nobody"),
        };
        told.extend(kinds.iter().map(|kind| format!("{namespace}.{to}.{kind}")));
    }
    Ok(told)
}
