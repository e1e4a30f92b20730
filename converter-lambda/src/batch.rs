//! What Lambda hands over, and the answer it expects.

use std::{collections::HashMap, str::FromStr};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::Timestamp;
use platen_pipeline::{Delivery, Receipt};

/// The event cannot be answered record by record, so all of it fails and comes again.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    #[error(
        "a record has no messageId, so its failure could not be reported: is this an sqs event?"
    )]
    NoId,
}

/// A record of which nothing can be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("record has no {0}")]
    Missing(&'static str),
    #[error("record has a malformed {0}")]
    Malformed(&'static str),
}

/// One message of the event.
#[derive(Debug)]
pub(crate) struct Record {
    pub id: String,
    pub delivery: Result<Delivery, RecordError>,
}

pub(crate) fn records(event: SqsEvent) -> Result<Vec<Record>, BatchError> {
    event
        .records
        .into_iter()
        .map(|mut message| {
            let id = message.message_id.take();
            Ok(Record {
                id: id.filter(|id| !id.is_empty()).ok_or(BatchError::NoId)?,
                delivery: delivery(message),
            })
        })
        .collect()
}

fn delivery(message: SqsMessage) -> Result<Delivery, RecordError> {
    let receipt = message
        .receipt_handle
        .ok_or(RecordError::Missing("receiptHandle"))?;
    let sent: i64 = attribute(&message.attributes, "SentTimestamp")?;
    Ok(Delivery {
        body: message.body.ok_or(RecordError::Missing("body"))?,
        receipt: Receipt(receipt),
        receive_count: attribute(&message.attributes, "ApproximateReceiveCount")?,
        sent_at: Timestamp::from_millisecond(sent)
            .map_err(|_| RecordError::Malformed("SentTimestamp"))?,
    })
}

fn attribute<T: FromStr>(
    attributes: &HashMap<String, String>,
    name: &'static str,
) -> Result<T, RecordError> {
    let value = attributes.get(name).ok_or(RecordError::Missing(name))?;
    value.parse().map_err(|_| RecordError::Malformed(name))
}

/// The answer that leaves these messages in the queue, and has Lambda delete the others.
pub(crate) fn failures(ids: impl IntoIterator<Item = String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = ids
        .into_iter()
        .map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        })
        .collect();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: &str) -> SqsEvent {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_record_becomes_a_delivery() {
        let event = event(
            r#"{"Records":[{"messageId":"m1","receiptHandle":"r1","body":"{}",
                "attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1763690000000"},
                "messageAttributes":{},"eventSource":"aws:sqs","awsRegion":"eu-central-1"}]}"#,
        );
        let [record] = records(event).unwrap().try_into().unwrap();
        assert_eq!(record.id, "m1");
        let delivery = record.delivery.unwrap();
        assert_eq!(delivery.receipt, Receipt("r1".to_owned()));
        assert_eq!(delivery.receive_count, 3);
        assert_eq!(delivery.sent_at.as_millisecond(), 1_763_690_000_000);
    }

    #[test]
    fn a_broken_record_fails_alone_if_it_has_a_name() {
        let broken = event(
            r#"{"Records":[{"messageId":"m1","body":"{}"},
                {"messageId":"m2","receiptHandle":"r","body":"{}",
                 "attributes":{"ApproximateReceiveCount":"often","SentTimestamp":"0"}}]}"#,
        );
        let read = records(broken).unwrap();
        assert!(matches!(
            read[0].delivery,
            Err(RecordError::Missing("receiptHandle"))
        ));
        assert!(matches!(
            read[1].delivery,
            Err(RecordError::Malformed("ApproximateReceiveCount"))
        ));
        assert!(records(event(r#"{"Records":[{"body":"{}"}]}"#)).is_err());
    }

    #[test]
    fn the_answer_has_the_shape_that_lambda_reads() {
        let json = |ids: &[&str]| {
            let ids = ids.iter().map(|&id| id.to_owned());
            serde_json::to_string(&failures(ids)).unwrap()
        };
        assert_eq!(
            json(&["m2"]),
            r#"{"batchItemFailures":[{"itemIdentifier":"m2"}]}"#
        );
        assert_eq!(json(&[]), r#"{"batchItemFailures":[]}"#);
    }
}
