//! Metrics, in one place with their names.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use crate::{ThumbnailError, process::Drawing};

const ASKED: &str = "platen_thumbnails_total";
const SECONDS: &str = "platen_thumbnail_duration_seconds";

/// Tells the exporter what the metrics mean. Call it once, after installing it.
pub fn describe_metrics() {
    describe_counter!(
        ASKED,
        "Thumbnails asked for, by outcome: remembered, drawn, failed, busy, or why there is none"
    );
    describe_histogram!(
        SECONDS,
        Unit::Seconds,
        "Time to read a PDF and draw it, by outcome"
    );
}

pub(crate) fn remembered() {
    counter!(ASKED, "outcome" => "remembered").increment(1);
}

pub(crate) fn busy() {
    counter!(ASKED, "outcome" => "busy").increment(1);
}

pub(crate) fn tried(result: &Result<Drawing, ThumbnailError>, time: Duration) {
    let outcome = match result {
        Ok(Ok(_)) => "drawn",
        Ok(Err(undrawable)) => undrawable.as_str(),
        Err(_) => "failed",
    };
    counter!(ASKED, "outcome" => outcome).increment(1);
    histogram!(SECONDS, "outcome" => outcome).record(time.as_secs_f64());
}
