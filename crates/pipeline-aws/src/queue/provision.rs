//! Making the queues. Terraform describes the same ones for production.

use std::time::Duration;

use aws_sdk_sqs::{Client, types::QueueAttributeName as Attribute};
use platen_pipeline::QueueError;
use serde_json::json;

use super::{LONG_POLL, seconds};
use crate::error::FromSdk;

/// How long a message waits to be delivered before SQS forgets it: the longest there is. The
/// sweeper sends a new one long before.
const RETENTION: Duration = Duration::from_hours(14 * 24);

/// URLs of a work queue and of its dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queues {
    pub work: String,
    pub dead_letters: String,
}

/// SQS does not tell the ARN of a queue it has just made.
#[derive(Debug, thiserror::Error)]
#[error("the queue has no arn")]
struct NoArn;

/// Makes the standard queues `{name}` and `{name}-dead-letters`, for tests and emulators. A message
/// delivered `deliveries` times without being acknowledged goes to the second. Queues that exist
/// with these attributes stay as they are.
pub async fn create_queues(
    client: &Client,
    name: &str,
    deliveries: u16,
) -> Result<Queues, QueueError> {
    let dead_letters = client
        .create_queue()
        .queue_name(format!("{name}-dead-letters"))
        .attributes(
            Attribute::MessageRetentionPeriod,
            seconds(RETENTION).to_string(),
        )
        .send()
        .await
        .map_err(QueueError::from_sdk)?
        .queue_url
        .unwrap_or_default();
    let attributes = client
        .get_queue_attributes()
        .queue_url(&dead_letters)
        .attribute_names(Attribute::QueueArn)
        .send()
        .await
        .map_err(QueueError::from_sdk)?;
    let arn = attributes
        .attributes()
        .and_then(|attributes| attributes.get(&Attribute::QueueArn))
        .ok_or_else(|| QueueError::Failed(NoArn.into()))?;
    let redrive = json!({"deadLetterTargetArn": arn, "maxReceiveCount": deliveries});
    let work = client
        .create_queue()
        .queue_name(name)
        .attributes(Attribute::RedrivePolicy, redrive.to_string())
        .attributes(
            Attribute::MessageRetentionPeriod,
            seconds(RETENTION).to_string(),
        )
        .attributes(
            Attribute::ReceiveMessageWaitTimeSeconds,
            seconds(LONG_POLL).to_string(),
        )
        .send()
        .await
        .map_err(QueueError::from_sdk)?
        .queue_url
        .unwrap_or_default();
    Ok(Queues { work, dead_letters })
}
