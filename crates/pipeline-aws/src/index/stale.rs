//! Finding work that nobody seems to be doing.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use futures::{TryStreamExt, stream};
use jiff::Timestamp;
use platen_api_types::FileId;
use platen_pipeline::{FileKey, FileRecord, IndexError};

use super::{
    DynamoIndex, attribute as at,
    fields::Fields,
    item::Stored,
    key::{self, FILE, USER},
    lease::{Refusal, refusal},
    table::{BY_DUE, SHARDS},
};
use crate::error::FromSdk;

/// Stamps under way at once.
const PARALLEL: usize = 8;

/// An unfinished file as the global index knows it: perhaps some time ago.
struct Suspect {
    key: FileKey,
    due: i64,
    lease_until: i64,
}

impl DynamoIndex {
    /// The global index lags behind the table, so what it tells is only taken if the table still
    /// says the same. Of several who look at once, one gets each file.
    pub(super) async fn stamp_stale(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<FileRecord>, IndexError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut suspects: Vec<Suspect> = stream::iter((0..SHARDS).map(Ok::<_, IndexError>))
            .map_ok(|shard| self.suspects(shard, before, limit))
            .try_buffer_unordered(PARALLEL)
            .try_concat()
            .await?;
        suspects.sort_unstable_by_key(|suspect| (suspect.due, suspect.key));
        suspects.truncate(usize::from(limit));
        let stamped: Vec<_> = stream::iter(suspects.into_iter().map(Ok::<_, IndexError>))
            .map_ok(|suspect| self.stamp(suspect))
            .try_buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(stamped.into_iter().flatten().collect())
    }

    async fn suspects(
        &self,
        shard: u8,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<Suspect>, IndexError> {
        let output = self
            .client
            .query()
            .table_name(&*self.table)
            .index_name(BY_DUE)
            .key_condition_expression("#shard = :shard AND #due < :before")
            .expression_attribute_names("#shard", at::DUE_SHARD)
            .expression_attribute_names("#due", at::DUE)
            .expression_attribute_values(":shard", AttributeValue::S(shard.to_string()))
            .expression_attribute_values(
                ":before",
                AttributeValue::N(before.as_millisecond().to_string()),
            )
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(IndexError::from_sdk)?;
        let suspect = |item| {
            let fields = Fields(item);
            let due = fields.number(at::DUE)?;
            let file: FileId = fields.parse(FILE)?;
            Ok(Suspect {
                key: FileKey {
                    user: fields.parse(USER)?,
                    file,
                },
                due,
                // Only those being rendered have one.
                lease_until: fields.number(at::LEASE_UNTIL).unwrap_or(i64::MIN),
            })
        };
        output.items().iter().map(suspect).collect()
    }

    /// `None`: it has changed meanwhile.
    async fn stamp(&self, suspect: Suspect) -> Result<Option<FileRecord>, IndexError> {
        let now = self.now().as_millisecond();
        let result = self
            .client
            .update_item()
            .table_name(&*self.table)
            .set_key(Some(key::file(suspect.key)))
            .update_expression("SET #updated = :now, #due = :due ADD #version :one")
            .condition_expression("#due = :seen")
            .expression_attribute_names("#updated", at::UPDATED_AT)
            .expression_attribute_names("#due", at::DUE)
            .expression_attribute_names("#version", at::VERSION)
            .expression_attribute_values(":now", AttributeValue::N(now.to_string()))
            .expression_attribute_values(
                ":due",
                AttributeValue::N(now.max(suspect.lease_until).to_string()),
            )
            .expression_attribute_values(":seen", AttributeValue::N(suspect.due.to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match result {
            Ok(output) => match output.attributes {
                Some(item) => Ok(Some(Stored::from_item(&item)?.record)),
                None => Ok(None),
            },
            Err(e) => match refusal(&e) {
                // Whoever is writing it is doing the work.
                Some(Refusal::Condition | Refusal::Conflict) => Ok(None),
                None => Err(IndexError::from_sdk(e)),
            },
        }
    }
}
