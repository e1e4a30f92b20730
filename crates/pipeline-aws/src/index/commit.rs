//! Writing a step down: the file and its user's counters in one transaction, each only if it is
//! still as it was read.
//!
//! Every change of a file takes the next revision of its user. As the counters are part of the
//! transaction, changes become visible in the order of their revisions: who has read up to one
//! has missed none below it. The price is a second item per write, and that one user's writes
//! happen one after the other, some tens a second.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Delete, Put, TransactWriteItem},
};
use jiff::Timestamp;
use platen_api_types::{FileStatus, UserId};
use platen_pipeline::{FileKey, FileRecord, FileState, IndexError};

use super::{
    DynamoIndex, attribute as at,
    backoff::Backoff,
    fields::{Fields, ItemError, number},
    item::Stored,
    key::{self, Item},
    table::build,
    transition::{Step, is_unfinished, to_millisecond},
};
use crate::error::FromSdk;

/// Reasons to read again and to decide anew. Throttling is among them: the SDK does not try a
/// cancelled transaction again by itself.
const TRY_AGAIN: [&str; 6] = [
    "None",
    "ConditionalCheckFailed",
    "TransactionConflict",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "RequestLimitExceeded",
];

/// What is kept of a user. All zero: the user never had a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// Files that are not being deleted.
    pub(super) files: u64,
    /// Of them, those queued or rendering.
    pub(super) unfinished: u64,
    pub(super) revision: u64,
}

impl Counters {
    pub(super) fn from_item(item: Option<&Item>) -> Result<Self, ItemError> {
        let Some(item) = item else {
            return Ok(Self::default());
        };
        let fields = Fields(item);
        Ok(Self {
            files: fields.number(at::FILES)?,
            unfinished: fields.number(at::UNFINISHED)?,
            revision: fields.number(at::LAST_REVISION)?,
        })
    }

    /// After a file went from one state to another.
    fn after(self, from: Option<FileStatus>, to: FileStatus) -> Self {
        let count = |status: Option<FileStatus>| {
            let files = status.is_some_and(|status| status != FileStatus::Deleting);
            (
                u64::from(files),
                u64::from(status.is_some_and(is_unfinished)),
            )
        };
        let (files_before, unfinished_before) = count(from);
        let (files_after, unfinished_after) = count(Some(to));
        Self {
            files: (self.files + files_after).saturating_sub(files_before),
            unfinished: (self.unfinished + unfinished_after).saturating_sub(unfinished_before),
            revision: self.revision + 1,
        }
    }

    fn to_item(self, user: UserId) -> Item {
        let mut item = key::counters(user);
        item.extend([
            number(at::FILES, self.files),
            number(at::UNFINISHED, self.unfinished),
            number(at::LAST_REVISION, self.revision),
        ]);
        item
    }
}

impl DynamoIndex {
    /// Takes one step of a file. `None`: there is no such file.
    pub(super) async fn step<T>(
        &self,
        key: FileKey,
        decide: impl Fn(&FileRecord, Timestamp) -> Step<T> + Send,
    ) -> Result<Option<T>, IndexError>
    where
        T: Send,
    {
        let local = self.users.get(key.user);
        let _writing = local.writing.lock().await;
        let mut backoff = Backoff::new(key.file);
        loop {
            let items = self
                .read_all(key.file, vec![key::counters(key.user), key::file(key)])
                .await?;
            let counters = Counters::from_item(items.get(&key::counters(key.user)))?;
            let Some(before) = items.get(&key::file(key)) else {
                return Ok(None);
            };
            let before = Stored::from_item(before)?;
            let step = decide(&before.record, self.now());
            let Some(next) = step.write else {
                return Ok(Some(step.answer));
            };
            let writes = self.writes(counters, Some(&before), next)?;
            if self.commit(writes).await? {
                local.changed(counters.revision + 1);
                return Ok(Some(step.answer));
            }
            backoff.pause().await?;
        }
    }

    /// Writes all or nothing. `false`: something is not as it was read, or was busy.
    pub(super) async fn commit(&self, writes: Vec<TransactWriteItem>) -> Result<bool, IndexError> {
        let result = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(e) if may_be_tried_again(&e) => Ok(false),
            Err(e) => Err(IndexError::from_sdk(e)),
        }
    }

    /// Removes a record in state `deleting` and remembers that it was there.
    pub(super) async fn remove_deleting(&self, key: FileKey) -> Result<(), IndexError> {
        let mut backoff = Backoff::new(key.file);
        loop {
            let Some(stored) = self.read(key::file(key)).await? else {
                return Ok(());
            };
            let stored = Stored::from_item(&stored)?;
            if stored.record.state != FileState::Deleting {
                return Ok(());
            }
            let delete = Delete::builder()
                .table_name(&*self.table)
                .set_key(Some(key::file(key)))
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", at::VERSION)
                .expression_attribute_values(
                    ":version",
                    AttributeValue::N(stored.version.to_string()),
                )
                .build()
                .map_err(build)?;
            let gone = Put::builder()
                .table_name(&*self.table)
                .set_item(Some(stored.to_gone(self.now())))
                .build()
                .map_err(build)?;
            let writes = vec![
                TransactWriteItem::builder().delete(delete).build(),
                TransactWriteItem::builder().put(gone).build(),
            ];
            if self.commit(writes).await? {
                return Ok(());
            }
            backoff.pause().await?;
        }
    }

    /// The writes that make `next` of `before` and count it.
    pub(super) fn writes(
        &self,
        counters: Counters,
        before: Option<&Stored>,
        next: FileRecord,
    ) -> Result<Vec<TransactWriteItem>, IndexError> {
        let user = next.user;
        let from = before.map(|before| before.record.state.status());
        let counted = counters.after(from, next.state.status());
        let version = before.map(|before| before.version);
        let stored = Stored {
            record: next,
            version: version.unwrap_or(0) + 1,
            revision: counted.revision,
        };
        let read_revision = (counters != Counters::default()).then_some(counters.revision);
        Ok(vec![
            self.put_if(stored.clipped().to_item()?, at::VERSION, version)?,
            self.put_if(counted.to_item(user), at::LAST_REVISION, read_revision)?,
        ])
    }

    /// Writes the item if the one in its place has this number in `attribute`; `None`: if there is
    /// none.
    pub(super) fn put_if(
        &self,
        item: Item,
        attribute: &str,
        number: Option<u64>,
    ) -> Result<TransactWriteItem, IndexError> {
        let put = Put::builder()
            .table_name(&*self.table)
            .set_item(Some(item))
            .expression_attribute_names("#seen", attribute);
        let put = match number {
            Some(number) => put
                .condition_expression("#seen = :seen")
                .expression_attribute_values(":seen", AttributeValue::N(number.to_string())),
            None => put.condition_expression("attribute_not_exists(#seen)"),
        };
        let put = put.build().map_err(build)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    pub(super) fn now(&self) -> Timestamp {
        to_millisecond(self.clock.now())
    }
}

fn may_be_tried_again(error: &SdkError<TransactWriteItemsError>) -> bool {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled
            .cancellation_reasons()
            .iter()
            .all(|reason| reason.code().is_none_or(|code| TRY_AGAIN.contains(&code))),
        // An earlier try of the same transaction, whose answer was lost, is still at work.
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Along every way a file can go, the counters say what a recount would.
    #[test]
    fn counts_what_a_recount_would() {
        use FileStatus::{Deleting, Failed, Queued, Ready, Rendering};
        let others = Counters {
            files: 7,
            unfinished: 3,
            revision: 20,
        };
        for way in [
            vec![Queued, Rendering, Ready, Deleting],
            vec![Queued, Rendering, Failed, Queued, Rendering, Ready],
            vec![Queued, Rendering, Queued, Deleting],
            vec![Queued, Rendering, Rendering, Failed, Deleting],
        ] {
            let mut counters = others;
            let mut from = None;
            for (step, to) in (1..).zip(way) {
                counters = counters.after(from, to);
                let recount = Counters {
                    files: others.files + u64::from(to != Deleting),
                    unfinished: others.unfinished + u64::from(is_unfinished(to)),
                    revision: others.revision + step,
                };
                assert_eq!(counters, recount, "{from:?} to {to}");
                from = Some(to);
            }
        }
    }

    #[test]
    fn counters_come_back() {
        let counters = Counters {
            files: 1,
            unfinished: 2,
            revision: u64::MAX,
        };
        let item = counters.to_item(UserId::from_uuid(uuid::Uuid::nil()));
        assert_eq!(Counters::from_item(Some(&item)).unwrap(), counters);
        assert_eq!(Counters::from_item(None).unwrap(), Counters::default());
    }
}
