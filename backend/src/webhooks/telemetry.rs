//! What operators can measure.

use metrics::{counter, describe_counter};
use platen_api_types::DeliveryError;

const ATTEMPTS: &str = "platen_webhook_attempts_total";

pub fn describe_metrics() {
    describe_counter!(
        ATTEMPTS,
        "Calls of webhooks, by outcome: delivered, or what was wrong"
    );
}

pub(super) fn attempted(error: Option<DeliveryError>) {
    let outcome = error.map_or("delivered", DeliveryError::as_str);
    counter!(ATTEMPTS, "outcome" => outcome).increment(1);
}
