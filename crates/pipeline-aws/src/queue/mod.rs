//! [`ConversionQueue`] on SQS.

mod provision;

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sqs::{
    Client,
    operation::{
        change_message_visibility::ChangeMessageVisibilityError, delete_message::DeleteMessageError,
    },
    types::{
        Message as Received, MessageAttributeValue, MessageSystemAttributeName as System,
        QueueAttributeName,
    },
};
use jiff::Timestamp;
use platen_pipeline::{ConversionQueue, Delivery, Message, QueueError, Receipt};

pub use self::provision::{Queues, create_queues};
use crate::error::FromSdk;

/// Messages that SQS hands out at once.
const BATCH: u16 = 10;
/// Longest that SQS waits for a message.
const LONG_POLL: Duration = Duration::from_secs(20);
/// Longest that SQS hides a message.
const HIDDEN: Duration = Duration::from_hours(12);
/// How much later than it was asked to an answer to a long poll may come.
const MARGIN: Duration = Duration::from_secs(10);
/// Name of the message attribute with the trace parent (W3C Trace Context), for those who watch
/// the queue; the converter reads it from the body.
const TRACE_PARENT: &str = "traceparent";

/// One standard queue, by its URL: the work queue or its dead-letter queue. Clones share it.
///
/// The message group is the user: SQS then lets the messages of one with many wait behind those
/// of others (fair queues).
#[derive(Clone)]
pub struct SqsQueue {
    client: Client,
    url: Arc<str>,
}

impl SqsQueue {
    pub(crate) fn new(client: Client, url: String) -> Self {
        Self {
            client,
            url: url.into(),
        }
    }
}

impl fmt::Debug for SqsQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqsQueue")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// SQS answered without what it was asked for.
#[derive(Debug, thiserror::Error)]
enum DeliveryError {
    #[error("a message was delivered without {0}")]
    Missing(&'static str),
    #[error("a message was delivered with a malformed {0}")]
    Malformed(&'static str),
}

impl From<DeliveryError> for QueueError {
    fn from(error: DeliveryError) -> Self {
        Self::Failed(error.into())
    }
}

#[async_trait]
impl ConversionQueue for SqsQueue {
    async fn send(&self, message: &Message) -> Result<(), QueueError> {
        let mut send = self
            .client
            .send_message()
            .queue_url(&*self.url)
            .message_body(message.to_json())
            .message_group_id(message.user.to_string());
        if let Some(trace) = &message.trace_parent {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(trace)
                .build()
                .map_err(|e| QueueError::Failed(e.into()))?;
            send = send.message_attributes(TRACE_PARENT, value);
        }
        send.send().await.map(drop).map_err(QueueError::from_sdk)
    }

    /// At most ten messages. SQS counts in seconds: `wait` is rounded up, to at most 20 s, and
    /// `visibility` likewise, to at most 12 h.
    async fn receive(
        &self,
        max: u16,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        if max == 0 {
            return Ok(Vec::new());
        }
        let wait = wait.min(LONG_POLL);
        let patience = TimeoutConfig::builder()
            .read_timeout(wait + MARGIN)
            .operation_attempt_timeout(wait + MARGIN)
            .operation_timeout(wait + 3 * MARGIN)
            .build();
        let output = self
            .client
            .receive_message()
            .queue_url(&*self.url)
            .max_number_of_messages(i32::from(max.min(BATCH)))
            .wait_time_seconds(seconds(wait))
            .visibility_timeout(seconds(visibility.min(HIDDEN)))
            .message_system_attribute_names(System::ApproximateReceiveCount)
            .message_system_attribute_names(System::SentTimestamp)
            .customize()
            .config_override(aws_sdk_sqs::Config::builder().timeout_config(patience))
            .send()
            .await
            .map_err(QueueError::from_sdk)?;
        let messages = output.messages.unwrap_or_default();
        Ok(messages
            .into_iter()
            .map(delivery)
            .collect::<Result<_, _>>()?)
    }

    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        let result = self
            .client
            .change_message_visibility()
            .queue_url(&*self.url)
            .receipt_handle(&receipt.0)
            .visibility_timeout(seconds(visibility.min(HIDDEN)))
            .send()
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(e) if e.as_service_error().is_some_and(is_no_longer_hidden) => Ok(()),
            Err(e) => Err(QueueError::from_sdk(e)),
        }
    }

    async fn ack(&self, receipt: &Receipt) -> Result<(), QueueError> {
        let result = self
            .client
            .delete_message()
            .queue_url(&*self.url)
            .receipt_handle(&receipt.0)
            .send()
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(e) if e.as_service_error().is_some_and(is_no_receipt) => Ok(()),
            Err(e) => Err(QueueError::from_sdk(e)),
        }
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.client
            .get_queue_attributes()
            .queue_url(&*self.url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .map(drop)
            .map_err(QueueError::from_sdk)
    }
}

fn delivery(message: Received) -> Result<Delivery, DeliveryError> {
    let attributes = message.attributes.unwrap_or_default();
    let sent: i64 = number(attributes.get(&System::SentTimestamp), "SentTimestamp")?;
    Ok(Delivery {
        body: message.body.ok_or(DeliveryError::Missing("body"))?,
        receipt: Receipt(
            message
                .receipt_handle
                .ok_or(DeliveryError::Missing("receipt handle"))?,
        ),
        receive_count: number(
            attributes.get(&System::ApproximateReceiveCount),
            "ApproximateReceiveCount",
        )?,
        sent_at: Timestamp::from_millisecond(sent)
            .map_err(|_| DeliveryError::Malformed("SentTimestamp"))?,
    })
}

fn number<T: FromStr>(value: Option<&String>, name: &'static str) -> Result<T, DeliveryError> {
    value
        .ok_or(DeliveryError::Missing(name))?
        .parse()
        .map_err(|_| DeliveryError::Malformed(name))
}

/// The receipt is invalid, or its message is back in the queue, or gone.
fn is_no_longer_hidden(error: &ChangeMessageVisibilityError) -> bool {
    error.is_receipt_handle_is_invalid()
        || error.is_message_not_inflight()
        || is_about_receipt(error.meta().code())
}

fn is_no_receipt(error: &DeleteMessageError) -> bool {
    error.is_receipt_handle_is_invalid() || is_about_receipt(error.meta().code())
}

/// SQS has no type for a receipt whose message expired or was deleted. Nothing else that this
/// adapter sends with a receipt can be an invalid value: the visibility is within bounds. (A message
/// hidden for twelve hours in all cannot be hidden for longer; none is worked on for minutes.)
fn is_about_receipt(code: Option<&str>) -> bool {
    matches!(
        code,
        Some("InvalidParameterValue" | "InvalidParameterValueException")
    )
}

/// Whole seconds, rounded up: a message must not come back earlier than asked.
fn seconds(duration: Duration) -> i32 {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i32::try_from(whole).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_up() {
        for (millis, whole) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2), (43_200_000, 43_200)] {
            assert_eq!(seconds(Duration::from_millis(millis)), whole);
        }
    }

    #[test]
    fn a_delivery_without_its_count_is_an_error() {
        let message = Received::builder()
            .body("{}")
            .receipt_handle("r")
            .attributes(System::SentTimestamp, "1763690000000");
        assert!(delivery(message.clone().build()).is_err());
        let counted = message.attributes(System::ApproximateReceiveCount, "3");
        let delivery = delivery(counted.build()).unwrap();
        assert_eq!(delivery.receive_count, 3);
        assert_eq!(delivery.sent_at.as_millisecond(), 1_763_690_000_000);
    }
}
