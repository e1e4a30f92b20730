//! Metrics, in one place with their names.

use std::time::Duration;

use jiff::Timestamp;
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use platen_pipeline::{Delivery, Job, Outcome, PdfFacts};

use crate::produce::Trouble;

const OUTCOMES: &str = "platen_conversions_total";
const ATTEMPTS_FAILED: &str = "platen_conversion_attempts_failed_total";
const RENDER_SECONDS: &str = "platen_render_duration_seconds";
const QUEUE_AGE: &str = "platen_queue_age_seconds";
const DELETIONS: &str = "platen_deletions_total";
const UNREADABLE: &str = "platen_unreadable_messages_total";
const RESENT: &str = "platen_swept_messages_total";
const ORPHANS: &str = "platen_swept_objects_total";

/// Tells the exporter what the metrics of converter and renderer mean. Call it once, after installing it.
pub fn describe_metrics() {
    platen_renderer::describe_metrics();
    describe_counter!(
        OUTCOMES,
        "Conversions that ended, by outcome: ready, or the reason of the failure"
    );
    describe_counter!(
        ATTEMPTS_FAILED,
        "Attempts that failed on our side and are tried again or given up"
    );
    describe_histogram!(
        RENDER_SECONDS,
        Unit::Seconds,
        "Time to render and store, by result"
    );
    describe_histogram!(
        QUEUE_AGE,
        Unit::Seconds,
        "Age of messages when first received, by kind"
    );
    describe_counter!(DELETIONS, "Files removed with their objects");
    describe_counter!(UNREADABLE, "Deliveries of messages that cannot be read");
    describe_counter!(
        RESENT,
        "Messages sent again because nobody seemed to do the work"
    );
    describe_counter!(ORPHANS, "Objects removed that no record accounts for");
}

pub(crate) const fn kind(job: Job) -> &'static str {
    match job {
        Job::Convert => "convert",
        Job::Delete => "delete",
    }
}

pub(crate) fn received(job: Job, delivery: &Delivery, now: Timestamp) {
    // Later deliveries waited for their visibility to end, not in line.
    if delivery.receive_count == 1 {
        let age = now.duration_since(delivery.sent_at).as_secs_f64().max(0.0);
        histogram!(QUEUE_AGE, "kind" => kind(job)).record(age);
    }
}

pub(crate) fn produced(took: Duration, result: &Result<PdfFacts, Trouble>) {
    let result = match result {
        Ok(_) => "stored",
        Err(Trouble::Page(_)) => "page_failed",
        Err(Trouble::Ours(_)) => "error",
        Err(Trouble::Cancelled) => "cancelled",
        Err(Trouble::Superseded) => "superseded",
    };
    histogram!(RENDER_SECONDS, "result" => result).record(took);
}

pub(crate) fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Ready(_) => "ready",
        Outcome::Failed(failure) => failure.code.as_str(),
    }
}

pub(crate) fn concluded(outcome: &'static str) {
    counter!(OUTCOMES, "outcome" => outcome).increment(1);
    tracing::info!(outcome, "conversion ended");
}

pub(crate) fn attempt_failed() {
    counter!(ATTEMPTS_FAILED).increment(1);
}

pub(crate) fn deleted() {
    counter!(DELETIONS).increment(1);
}

pub(crate) fn unreadable() {
    counter!(UNREADABLE).increment(1);
}

pub(crate) fn resent(messages: usize) {
    counter!(RESENT).increment(messages as u64);
}

pub(crate) fn swept(objects: usize) {
    counter!(ORPHANS).increment(objects as u64);
}
