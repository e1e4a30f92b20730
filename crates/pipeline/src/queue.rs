//! Port: the queue between backend and converters. At least once, in no particular order.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{Message, MessageError};

/// Handle of one delivery, valid until the message is acknowledged or delivered again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt(pub String);

/// One message, delivered. It is hidden from other receivers for the visibility time-out.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub body: String,
    pub receipt: Receipt,
    /// How often the message has been delivered, this time included.
    pub receive_count: u32,
    pub sent_at: Timestamp,
}

impl Delivery {
    pub fn message(&self) -> Result<Message, MessageError> {
        Message::from_json(&self.body)
    }
}

/// Why the queue could not answer.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// May work when tried again: throttled, busy, unreachable.
    #[error("conversion queue is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Will not work when tried again: denied, missing queue.
    #[error("conversion queue failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A queue of messages. The work queue moves a message to its dead-letter queue, which is a
/// `ConversionQueue` of its own, when it was delivered too often without being acknowledged; it
/// does so when the message would be delivered once more.
#[async_trait]
pub trait ConversionQueue: Send + Sync {
    /// Returns once the message is durable.
    async fn send(&self, message: &Message) -> Result<(), QueueError>;

    /// Up to `max` messages, hidden from others for `visibility`. Waits up to `wait` for the first.
    /// Dropping the future loses no message: what it was about to return comes again.
    async fn receive(
        &self,
        max: u16,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Delivery>, QueueError>;

    /// Hides the message for `visibility` from now; zero gives it back at once. Does nothing when
    /// the receipt is no longer valid.
    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError>;

    /// Removes the message. Does nothing when the receipt is no longer valid.
    async fn ack(&self, receipt: &Receipt) -> Result<(), QueueError>;

    /// Whether the queue answers, for readiness.
    async fn ping(&self) -> Result<(), QueueError>;
}
