//! Metrics, in one place with their names.

use metrics::{counter, describe_counter};

const BROWSER_STARTS: &str = "platen_browser_starts_total";

/// Tells the exporter what the renderer's metrics mean. Call it once, after installing it.
pub fn describe_metrics() {
    describe_counter!(
        BROWSER_STARTS,
        "Browsers started, by reason: first, worn (replaced as planned), lost (crashed, hung or killed)"
    );
}

/// Why a browser is started.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    First,
    Worn,
    Lost,
}

pub(crate) fn browser_started(why: Start) {
    let reason = match why {
        Start::First => "first",
        Start::Worn => "worn",
        Start::Lost => "lost",
    };
    counter!(BROWSER_STARTS, "reason" => reason).increment(1);
}
