//! Webhooks: calls to a receiver of the user's when a file has come to its end, as
//! [Standard Webhooks](https://www.standardwebhooks.com) says.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{DeliveryId, File, FileId, FileStatus, WebhookId, word::words};

words! {
    /// What a webhook may be told of.
    WebhookEvent {
        /// A file has its PDF.
        FileReady = "file.ready",
        /// A file has come to its end without one; its `reason` says why.
        FileFailed = "file.failed",
    }
}

impl WebhookEvent {
    /// What is told of a file that has come to this state.
    pub const fn of(status: FileStatus) -> Option<Self> {
        match status {
            FileStatus::Ready => Some(Self::FileReady),
            FileStatus::Failed => Some(Self::FileFailed),
            FileStatus::Queued | FileStatus::Rendering | FileStatus::Deleting => None,
        }
    }
}

words! {
    /// Why a webhook is not called any more.
    DisabledReason {
        /// The receiver answered 410 Gone.
        Gone = "gone",
        /// No call has got through for days.
        Failing = "failing",
    }
}

words! {
    /// How far a delivery has come.
    DeliveryStatus {
        /// It will be tried, for the first time or again.
        Pending = "pending",
        /// The receiver answered with a status of 200 to 299.
        Delivered = "delivered",
        /// It will not be tried again.
        Failed = "failed",
    }
}

words! {
    /// What kept a delivery from getting through.
    DeliveryError {
        /// The receiver's name leads to an address that is not on the public internet.
        DestinationBlocked = "destination_blocked",
        /// The receiver's name could not be found.
        DnsFailure = "dns_failure",
        /// The receiver accepted no connection, or broke it off.
        ConnectionFailed = "connection_failed",
        /// The receiver's certificate could not be trusted.
        TlsError = "tls_error",
        /// The receiver did not answer in time.
        Timeout = "timeout",
        /// The receiver answered with another status than 200 to 299. Redirects are not followed.
        HttpStatus = "http_status",
        /// The webhook was disabled meanwhile.
        WebhookDisabled = "webhook_disabled",
    }
}

/// A webhook that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewWebhook {
    /// Where to send. On the public internet, on port 80 or 443.
    #[cfg_attr(feature = "openapi", schema(max_length = 2048))]
    pub url: String,
    /// What to tell of; left out: everything.
    #[serde(default = "all_events")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub events: Vec<WebhookEvent>,
}

fn all_events() -> Vec<WebhookEvent> {
    WebhookEvent::ALL.to_vec()
}

/// A webhook, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    pub id: WebhookId,
    pub url: String,
    pub events: Vec<WebhookEvent>,
    #[serde(with = "crate::time")]
    pub created_at: Timestamp,
    /// Since when no call has got through. Absent when the last one did.
    #[serde(
        default,
        with = "crate::time::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub failing_since: Option<Timestamp>,
    /// Present when it is not called any more: delete it, and make another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<Disabled>,
}

/// When and why a webhook was disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disabled {
    #[serde(with = "crate::time")]
    pub at: Timestamp,
    pub reason: DisabledReason,
}

/// A webhook that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedWebhook {
    pub webhook: Webhook,
    /// Key of the signatures, `whsec_` and base64. Shown here and never again.
    pub secret: String,
}

impl fmt::Debug for CreatedWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedWebhook")
            .field("webhook", &self.webhook)
            .finish_non_exhaustive()
    }
}

/// All webhooks of a user, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookList {
    pub webhooks: Vec<Webhook>,
}

/// What is sent.
///
/// With it come the headers of Standard Webhooks: `webhook-id`, the same whenever it is tried again;
/// `webhook-timestamp`, seconds since 1970; `webhook-signature`, `v1,` and the HMAC-SHA256 of
/// `{id}.{timestamp}.{body}` in base64.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookPayload {
    pub r#type: WebhookEvent,
    /// When it happened.
    #[serde(with = "crate::time")]
    pub timestamp: Timestamp,
    /// The file as it was then.
    pub data: File,
}

/// One call and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// As in the header `webhook-id`.
    pub id: DeliveryId,
    pub event: WebhookEvent,
    pub file_id: FileId,
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: u32,
    #[serde(with = "crate::time")]
    pub created_at: Timestamp,
    #[serde(
        default,
        with = "crate::time::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_attempt_at: Option<Timestamp>,
    #[serde(
        default,
        with = "crate::time::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub next_attempt_at: Option<Timestamp>,
    /// HTTP status of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_status: Option<u16>,
    /// What was wrong the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<DeliveryError>,
}

/// Part of the log of a webhook, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryList {
    pub deliveries: Vec<Delivery>,
    /// Asks for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UnknownWord;

    #[test]
    fn words_are_kept_as_they_are_sent() {
        for event in WebhookEvent::ALL {
            let json = serde_json::to_string(event).unwrap();
            assert_eq!(json, format!("\"{event}\""));
            assert_eq!(event.as_str().parse(), Ok(*event));
        }
        assert_eq!("file.gone".parse::<WebhookEvent>(), Err(UnknownWord));
    }

    #[test]
    fn a_webhook_is_told_of_everything_unless_it_says_otherwise() {
        let read = |json| serde_json::from_str::<NewWebhook>(json).unwrap().events;
        assert_eq!(read(r#"{"url":"u"}"#), WebhookEvent::ALL);
        let one = read(r#"{"url":"u","events":["file.failed"]}"#);
        assert_eq!(one, [WebhookEvent::FileFailed]);
    }

    #[test]
    fn debug_shows_no_secret() {
        let created = CreatedWebhook {
            webhook: Webhook {
                id: "0198c0de-0000-7000-8000-00123456789a".parse().unwrap(),
                url: "https://example.com/".to_owned(),
                events: vec![WebhookEvent::FileReady],
                created_at: Timestamp::UNIX_EPOCH,
                failing_since: None,
                disabled: None,
            },
            secret: "whsec_s3cr3t".to_owned(),
        };
        assert!(!format!("{created:?}").contains("s3cr3t"));
    }
}
