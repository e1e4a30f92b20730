//! Prolonging a lease: a write that nobody needs to be told of, and so touches neither the user's
//! counters nor the order of changes.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError, operation::update_item::UpdateItemError, types::AttributeValue,
};
use jiff::Timestamp;
use platen_api_types::FileStatus;
use platen_pipeline::{FencingToken, FileKey, Finish, IndexError};

use super::{DynamoIndex, attribute as at, backoff::Backoff, key, transition::lease_end};
use crate::error::FromSdk;

impl DynamoIndex {
    pub(super) async fn prolong(
        &self,
        key: FileKey,
        token: FencingToken,
        lease: Duration,
    ) -> Result<Finish, IndexError> {
        let mut backoff = Backoff::new(key.file);
        loop {
            let now = self.now();
            let until = lease_end(now, lease).max(now);
            let result = self
                .client
                .update_item()
                .table_name(&*self.table)
                .set_key(Some(key::file(key)))
                .update_expression(
                    "SET #until = :until, #due = :until, #updated = :now ADD #version :one",
                )
                .condition_expression("#token = :token AND #status = :rendering")
                .expression_attribute_names("#until", at::LEASE_UNTIL)
                .expression_attribute_names("#due", at::DUE)
                .expression_attribute_names("#updated", at::UPDATED_AT)
                .expression_attribute_names("#version", at::VERSION)
                .expression_attribute_names("#token", at::TOKEN)
                .expression_attribute_names("#status", at::STATUS)
                .expression_attribute_values(":until", millisecond(until))
                .expression_attribute_values(":now", millisecond(now))
                .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
                .expression_attribute_values(":token", AttributeValue::N(token.0.to_string()))
                .expression_attribute_values(
                    ":rendering",
                    AttributeValue::S(FileStatus::Rendering.as_str().to_owned()),
                )
                .send()
                .await;
            match result {
                Ok(_) => return Ok(Finish::Recorded),
                Err(e) => match refusal(&e) {
                    Some(Refusal::Condition) => return Ok(Finish::Superseded),
                    Some(Refusal::Conflict) => backoff.pause().await?,
                    None => return Err(IndexError::from_sdk(e)),
                },
            }
        }
    }
}

fn millisecond(time: Timestamp) -> AttributeValue {
    AttributeValue::N(time.as_millisecond().to_string())
}

/// Why a conditional update was not made although nothing is wrong.
pub(super) enum Refusal {
    /// The item is not as expected.
    Condition,
    /// A transaction is writing the item right now.
    Conflict,
}

pub(super) fn refusal(error: &SdkError<UpdateItemError>) -> Option<Refusal> {
    match error.as_service_error()? {
        UpdateItemError::ConditionalCheckFailedException(_) => Some(Refusal::Condition),
        UpdateItemError::TransactionConflictException(_) => Some(Refusal::Conflict),
        _ => None,
    }
}
