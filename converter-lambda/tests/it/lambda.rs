//! Events, one after another, in one environment.

use std::time::Duration;

use platen_api_types::FailureCode;
use platen_pipeline::FileState;
use serde_json::Value;

use crate::{
    browsers,
    invocations::Lambda,
    stack::{Stack, TRACE_ID},
};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_batch_fails_in_part() {
    let stack = Stack::new(5).await;
    let lambda = Lambda::start(&stack, &[]).await;
    let good = stack.submit("/simple").await;
    let missing = stack.submit("/status/404").await;
    stack.poison().await;

    let answer = lambda.invoke(&stack, 3, MINUTE).await;
    // A page that fails is an outcome, and its message is done with.
    assert_eq!(answer.failed, ["poison"]);
    assert!(stack.pdf(good).await.starts_with(b"%PDF-"));
    let FileState::Failed { failure, .. } = stack.record(missing).await.state else {
        panic!("a page that is not there has no pdf");
    };
    assert_eq!(failure.code, FailureCode::HttpStatus);
}

/// A message that comes twice, as SQS may have it, has one effect.
#[tokio::test]
async fn a_repeated_message_changes_nothing() {
    let stack = Stack::new(5).await;
    let lambda = Lambda::start(&stack, &[]).await;
    let key = stack.submit("/simple").await;
    lambda.invoke(&stack, 1, MINUTE).await;
    let before = stack.record(key).await;

    let message = platen_pipeline::Message::convert(key.user, key.file);
    platen_pipeline::ConversionQueue::send(&stack.queue, &message)
        .await
        .unwrap();
    let answer = lambda.invoke(&stack, 1, MINUTE).await;
    assert!(answer.failed.is_empty());
    assert_eq!(stack.record(key).await, before);
    stack.pdf(key).await;
}

#[tokio::test]
async fn invocations_share_a_browser_and_leave_nothing_on_disk() {
    let stack = Stack::new(5).await;
    let lambda = Lambda::start(&stack, &[]).await;
    let work_dir = lambda.program.work_dir.path();
    let mut browser = None;
    for _ in 0..3 {
        let key = stack.submit("/long").await;
        let answer = lambda.invoke(&stack, 1, MINUTE).await;
        assert!(answer.failed.is_empty());
        stack.pdf(key).await;
        let now = browsers::find(work_dir).unwrap();
        assert_eq!(*browser.get_or_insert(now), now);
        assert_eq!(std::fs::read_dir(work_dir).unwrap().count(), 1);
        assert!(browsers::temporary_files(work_dir).is_empty());
    }
    let starts = lambda.program.metric("platen_browser_starts_total").await;
    assert_eq!(starts.len(), 1);
    assert_eq!(starts[0]["reason"], "first");
}

/// Credentials above all: what a page could make the browser give away must not be in it.
#[tokio::test]
async fn the_browser_inherits_nothing() {
    let stack = Stack::new(5).await;
    let secret = ("AWS_SESSION_TOKEN", "a-token-that-must-not-leak");
    let lambda = Lambda::start(&stack, &[secret]).await;
    lambda.program.until_logged("ready").await;
    let ours = browsers::environment(lambda.program.pid());
    assert!(ours.iter().any(|variable| variable.contains(secret.1)));

    let browser = browsers::find(lambda.program.work_dir.path()).unwrap();
    let environment = browsers::environment(browser);
    let mut names: Vec<&str> = environment
        .iter()
        .filter_map(|variable| Some(variable.split_once('=')?.0))
        // A wrapper script of the distribution sets those of its own.
        .filter(|name| !matches!(*name, "PWD" | "SHLVL" | "_" | "OLDPWD"))
        .filter(|name| !name.starts_with("CHROM"))
        .collect();
    names.sort_unstable();
    let expected = ["HOME", "LANG", "PATH", "TMPDIR", "TZ", "XDG_CACHE_HOME"];
    assert_eq!(names, expected, "{environment:?}");
}

#[tokio::test]
async fn lines_and_metrics_tell_which_request_they_are_about() {
    let stack = Stack::new(5).await;
    let lambda = Lambda::start(&stack, &[]).await;
    let key = stack.submit("/status/404").await;
    let answer = lambda.invoke(&stack, 1, MINUTE).await;

    lambda.program.until_logged("answered").await;
    let [ended] = lambda
        .program
        .events("conversion ended")
        .try_into()
        .unwrap();
    assert_eq!(field(&ended, "request.id"), answer.request_id.as_str());
    assert_eq!(field(&ended, "file.id"), key.file.to_string().as_str());
    assert_eq!(field(&ended, "trace.id"), TRACE_ID);

    let outcomes = lambda.program.metric("platen_conversions_total").await;
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0]["outcome"], "http_status");
    assert_eq!(outcomes[0]["request.id"], answer.request_id.as_str());
    for name in ["platen_queue_age_seconds", "platen_render_duration_seconds"] {
        let lines = lambda.program.metric(name).await;
        assert_eq!(lines.len(), 1, "{name}");
        let directive = &lines[0]["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "Platen");
        assert_eq!(directive["Metrics"][0]["Unit"], "Seconds");
    }
}

/// A field of the spans around an event.
fn field<'a>(event: &'a Value, name: &str) -> &'a Value {
    let mut spans = event["spans"].as_array().unwrap().iter();
    spans
        .find_map(|span| span.get(name))
        .unwrap_or_else(|| panic!("no {name}: {event}"))
}
