//! The queue behind an event-source mapping.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use platen_pipeline::{ConversionQueue, Delivery, Message, QueueError, Receipt};

/// A queue whose messages Lambda receives, and deletes when the answer to the invocation does not
/// name them as failed.
///
/// So an acknowledgement is not sent: it is the *absence* of a message from the answer, which
/// [`Function`](crate::Function) builds from what the converter made of each. That keeps it the
/// last step, after everything else of the whole batch, and costs no call. Deleting the message here as
/// well would only be a second way to do the same.
///
/// Hiding a message is different. Lambda leaves one that failed hidden for the queue's full
/// time-out, which is minutes for a function that renders; the converter knows better when it can be tried again,
/// and that goes to the queue at once.
#[derive(Clone)]
pub struct MappedQueue {
    queue: Arc<dyn ConversionQueue>,
}

impl MappedQueue {
    pub fn new(queue: Arc<dyn ConversionQueue>) -> Self {
        Self { queue }
    }
}

#[async_trait]
impl ConversionQueue for MappedQueue {
    async fn send(&self, message: &Message) -> Result<(), QueueError> {
        self.queue.send(message).await
    }

    async fn receive(
        &self,
        max: u16,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        self.queue.receive(max, wait, visibility).await
    }

    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        self.queue.extend(receipt, visibility).await
    }

    /// Leaves it to Lambda.
    async fn ack(&self, _receipt: &Receipt) -> Result<(), QueueError> {
        Ok(())
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.queue.ping().await
    }
}
