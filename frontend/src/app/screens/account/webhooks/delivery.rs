use leptos::prelude::*;
use platen_api_types::{Delivery, DeliveryError, DeliveryStatus};

use super::list::event_name;
use crate::app::{
    device,
    words::{t, t_count, t_with},
};

/// A line of the log: when, what, how it went, and how it goes on.
pub(super) fn delivery(delivery: &Delivery) -> AnyView {
    let time = delivery.last_attempt_at.unwrap_or(delivery.created_at);
    let (status, text) = outcome(delivery);
    let attempts =
        (delivery.attempts > 0).then(|| t_count("account.attempts", delivery.attempts.into()));
    let next = (delivery.status == DeliveryStatus::Pending)
        .then_some(delivery.next_attempt_at)
        .flatten()
        .map(|time| t_with("account.next_attempt", &[("time", &device::clock(time))]));
    let course: Vec<_> = [attempts, next].into_iter().flatten().collect();
    view! {
        <li data-status=delivery.status.as_str()>
            <time datetime=time.to_string() title=device::day_and_time(time)>
                {device::clock(time)}
            </time>
            <p>
                {event_name(delivery.event)}
                <span class="log-status">{status}</span>
                {text.map(|text| view! { <span>{text}</span> })}
            </p>
            <p class="log-course">{course.join(" · ")}</p>
        </li>
    }
    .into_any()
}

fn outcome(delivery: &Delivery) -> (String, Option<String>) {
    let answer = delivery.response_status.map(|status| status.to_string());
    let answer = answer.unwrap_or_default();
    let trouble = delivery.error.map(|error| trouble(error, &answer));
    match delivery.status {
        DeliveryStatus::Delivered => (t_with("account.delivered", &[("status", &answer)]), None),
        DeliveryStatus::Failed => (t("account.given_up"), trouble),
        DeliveryStatus::Pending if delivery.attempts == 0 => (t("account.to_be_sent"), None),
        DeliveryStatus::Pending => (t("account.to_be_tried"), trouble),
    }
}

/// What kept a call from getting through.
fn trouble(error: DeliveryError, answer: &str) -> String {
    match error {
        DeliveryError::DestinationBlocked => t("account.trouble_blocked"),
        DeliveryError::DnsFailure => t("account.trouble_name"),
        DeliveryError::ConnectionFailed => t("account.trouble_connection"),
        DeliveryError::TlsError => t("account.trouble_certificate"),
        DeliveryError::Timeout => t("account.trouble_timeout"),
        DeliveryError::HttpStatus => t_with("account.trouble_status", &[("status", answer)]),
        DeliveryError::WebhookDisabled => t("account.trouble_disabled"),
    }
}
