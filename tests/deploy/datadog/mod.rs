//! Dashboard and monitors: what they ask for is measured, and whom they wake finds what to do.

mod measured;

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Result;
use serde_json::Value;

use measured::{collected, measured, told};

use crate::{
    kustomize::{Kind, composed},
    object::{list, text, texts},
    operations::{OPERATIONS, sections},
    tools::{files_ending, root},
};

/// Where the sections are, for people that are not in a checkout.
const DOCUMENT: &str = "https://github.com/example/platen/blob/main/docs/OPERATIONS.md#";

/// Metrics of others, which come with Datadog's integrations for AWS and Kubernetes.
const OF_OTHERS: [&str; 10] = [
    "aws.lambda.concurrent_executions",
    "aws.lambda.duration",
    "aws.lambda.errors",
    "aws.lambda.invocations",
    "aws.lambda.throttles",
    "aws.rds.cpuutilization",
    "aws.rds.database_connections",
    "aws.rds.free_storage_space",
    "aws.sqs.approximate_age_of_oldest_message",
    "aws.sqs.approximate_number_of_messages_visible",
];
const OF_THE_CLUSTER: &str = "kubernetes_state.deployment.replicas_available";

/// `(metric, rest of its query)` of everything that a query asks for.
fn asked(query: &str) -> Vec<(&str, &str)> {
    let pieces = query.split_inclusive('{').collect::<Vec<_>>();
    let metrics = pieces.iter().enumerate().filter_map(|(index, piece)| {
        let name = piece.strip_suffix('{')?.rsplit([':', ' ', '(']).next()?;
        let rest = pieces.get(index + 1).copied().unwrap_or_default();
        name.contains('.').then_some((name, rest))
    });
    metrics.collect()
}

/// What is wrong with a text in Datadog's JSON, called `name`.
fn complaints(name: &str, json: &str) -> Result<Vec<String>> {
    let value: Value = match serde_json::from_str(json) {
        Ok(value) => value,
        Err(error) => return Ok(vec![format!("{name} is no JSON: {error}")]),
    };
    let mut wrong = Vec::new();
    let collected = collected()?;
    let mut labels = measured(&["backend/src", "crates"])?.labels;
    labels.insert("env".to_owned());
    let mut found = Vec::new();
    texts(&value, "", &mut found);
    let mut queries = found
        .iter()
        .filter(|(path, _)| ["/q", "/query"].iter().any(|end| path.ends_with(end)));
    if queries.clone().next().is_none() {
        wrong.push(format!("{name} asks for nothing"));
    }
    for (_, query) in queries.by_ref() {
        for (metric, rest) in asked(query) {
            let is_known = collected.contains(metric)
                || OF_OTHERS.contains(&metric)
                || metric == OF_THE_CLUSTER;
            if !is_known {
                wrong.push(format!("{name}: nobody measures {metric}"));
            }
            let grouped = query
                .split_once(" by {")
                .and_then(|(_, by)| by.split_once('}'));
            if let Some((by, _)) = grouped.filter(|_| metric.starts_with("platen.")) {
                for tag in by.split(',').filter(|tag| !labels.contains(*tag)) {
                    wrong.push(format!("{name}: {metric} has no {tag}"));
                }
            }
            if rest.is_empty() {
                wrong.push(format!("{name}: {query:?} ends too early"));
            }
        }
    }
    if name == "dashboard" {
        if list(&value["widgets"]).is_empty() || text(&value, "layout_type").is_empty() {
            wrong.push("the dashboard has no widgets or no layout".to_owned());
        }
    } else {
        wrong.extend(monitor(name, &value));
    }
    let help = texts_with_links(&found);
    if help != [name] {
        wrong.push(format!("{name}: links to {help:?} of {OPERATIONS}"));
    }
    if !sections()?.contains(name) {
        wrong.push(format!("{name}: has no section in {OPERATIONS}"));
    }
    Ok(wrong)
}

fn texts_with_links<'a>(found: &[(String, &'a str)]) -> Vec<&'a str> {
    found
        .iter()
        .filter_map(|(_, text)| text.split_once(DOCUMENT))
        .map(|(_, section)| section)
        .collect()
}

fn monitor(name: &str, monitor: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let query = text(monitor, "query");
    let options = &monitor["options"];
    if text(monitor, "type") != "query alert" || !monitor["priority"].is_u64() {
        wrong.push(format!("{name}: has no priority or another type"));
    }
    let limit = query.rsplit(['<', '>']).next().map(str::trim);
    let critical = options["thresholds"]["critical"].as_f64();
    if critical.is_none() || limit.and_then(|limit| limit.parse().ok()) != critical {
        wrong.push(format!(
            "{name}: asks for {limit:?}, and alerts at {critical:?}"
        ));
    }
    // They come by way of CloudWatch, minutes late.
    if query.contains(":aws.") && options["evaluation_delay"].as_u64() < Some(600) {
        wrong.push(format!(
            "{name}: looks at AWS's metrics before they are there"
        ));
    }
    let title = text(monitor, "name");
    let named = title
        .split_once("{{")
        .and_then(|(_, tag)| tag.split_once(".name}}"));
    if named.is_none_or(|(tag, _)| !query.contains(&format!(" by {{{tag}}}"))) {
        wrong.push(format!("{name}: {title:?} does not say where"));
    }
    wrong
}

fn name_of(path: &Path) -> &str {
    path.file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default()
}

#[test]
fn what_is_asked_for_is_measured_and_what_alerts_says_what_to_do() -> Result<()> {
    for file in files_ending("deploy/datadog", &["json"])? {
        let complaints = complaints(name_of(&file), &fs::read_to_string(&file)?)?;
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
    Ok(())
}

#[test]
fn what_is_wrong_is_noticed() -> Result<()> {
    for (name, from, to, expected) in [
        (
            "monitors/errors",
            "http_requests.count",
            "http_request.count",
            "nobody measures",
        ),
        ("monitors/errors", "> 0.01\"", "> 0.1\"", "alerts at"),
        (
            "monitors/errors",
            "by {env}",
            "by {tenant}",
            "has no tenant",
        ),
        ("monitors/errors", "#errors", "#mistakes", "links to"),
        ("monitors/errors", "#errors", "", "links to"),
        (
            "monitors/dead-letters",
            "900",
            "60",
            "before they are there",
        ),
        (
            "monitors/dead-letters",
            "{{queuename.name}}",
            "",
            "say where",
        ),
        (
            "monitors/dead-letters",
            "aws.sqs.approximate_number",
            "aws.sqs.number",
            "nobody measures",
        ),
        (
            "dashboard",
            "platen.thumbnails.count",
            "platen.thumbnails",
            "nobody measures",
        ),
        ("dashboard", "\"widgets\"", "\"gadgets\"", "no widgets"),
        ("dashboard", "[", "", "no JSON"),
    ] {
        let path = root().join(format!("deploy/datadog/{name}.json"));
        let good = fs::read_to_string(&path)?;
        assert!(
            good.contains(from),
            "there is no {from:?} to break in {name}"
        );
        let complaints = complaints(name_of(&path), &good.replace(from, to))?.join("\n");
        assert!(
            complaints.contains(expected),
            "{name} with {to:?}: {complaints:?}"
        );
    }
    let stray = complaints(
        "strays",
        &fs::read_to_string(root().join("deploy/datadog/dashboard.json"))?,
    )?;
    assert!(stray.join("\n").contains("has no section"), "{stray:?}");
    let names = BTreeMap::from([("platen_jobs_total".to_owned(), false)]);
    let check = |metric: &str| {
        format!(
            r#"{{"openmetrics": {{"instances": [{{"namespace": "platen", "metrics": [{{"{metric}": "jobs"}}]}}]}}}}"#
        )
    };
    assert_eq!(told(&check("platen_jobs"), &names)?, ["platen.jobs.count"]);
    assert!(told(&check("platen_jobs_total"), &names).is_err());
    Ok(())
}

/// A file that no resource of the operator names would be kept by nobody.
#[test]
fn the_operator_keeps_every_file() -> Result<()> {
    let rendered = composed("prod", Kind::Platform, "0", &["components/datadog"])?;
    let mut kept = BTreeMap::new();
    for object in rendered
        .objects
        .iter()
        .filter(|object| object.is("DatadogGenericResource"))
    {
        let json: Value = serde_json::from_str(object.text("/spec/jsonSpec"))?;
        kept.insert(
            object.name().to_owned(),
            (object.text("/spec/type").to_owned(), json),
        );
    }
    let mut files = BTreeMap::new();
    for file in files_ending("deploy/datadog", &["json"])? {
        let name = name_of(&file);
        let kind = if name == "dashboard" { name } else { "monitor" };
        let json: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
        files.insert(name.to_owned(), (kind.to_owned(), json));
    }
    assert_eq!(kept, files);
    Ok(())
}
