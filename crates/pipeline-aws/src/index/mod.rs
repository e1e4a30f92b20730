//! [`FileIndex`] on DynamoDB.
//!
//! One item per file, in the partition of its user, so users cannot get in each other's way or
//! sight. A step of a file is decided by a pure function on the record as it was read
//! (`transition`) and written only if the record is still that one (`commit`).

mod attribute;
mod backoff;
mod changes;
mod commit;
mod fields;
mod forget;
mod item;
mod key;
mod lease;
mod local;
mod put;
mod read;
mod stale;
mod table;
mod transition;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use futures::stream::BoxStream;
use jiff::Timestamp;
use platen_api_types::{FileId, Stage, UserId};
use platen_pipeline::{
    Change, Claim, Clock, FencingToken, FileIndex, FileKey, FileName, FileQuery, FileRecord,
    Finish, IndexError, NewFile, Outcome, Page, Put, Quota, Revision,
};
use uuid::Uuid;

pub use self::table::create_table;

/// The index of files in one table. Clones share it.
#[derive(Clone)]
pub struct DynamoIndex {
    client: Client,
    table: Arc<str>,
    clock: Arc<dyn Clock>,
    users: Arc<local::Users>,
}

impl DynamoIndex {
    pub(crate) fn new(client: Client, table: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            table: table.into(),
            clock,
            users: Arc::default(),
        }
    }
}

impl fmt::Debug for DynamoIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoIndex")
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl FileIndex for DynamoIndex {
    async fn put_queued(&self, new: NewFile, quota: Quota) -> Result<Put, IndexError> {
        self.put_new(new, quota).await
    }

    async fn claim(&self, key: FileKey, lease: Duration) -> Result<Claim, IndexError> {
        let claim = self
            .step(key, |record, now| transition::claim(record, now, lease))
            .await?;
        Ok(claim.unwrap_or(Claim::Missing))
    }

    async fn renew(
        &self,
        key: FileKey,
        token: FencingToken,
        lease: Duration,
    ) -> Result<Finish, IndexError> {
        self.prolong(key, token, lease).await
    }

    async fn advance(
        &self,
        key: FileKey,
        token: FencingToken,
        stage: Stage,
    ) -> Result<Finish, IndexError> {
        let finish = self
            .step(key, |record, now| {
                transition::advance(record, token, stage, now)
            })
            .await?;
        Ok(finish.unwrap_or(Finish::Superseded))
    }

    async fn release(&self, key: FileKey, token: FencingToken) -> Result<Finish, IndexError> {
        let finish = self
            .step(key, |record, now| transition::release(record, token, now))
            .await?;
        Ok(finish.unwrap_or(Finish::Superseded))
    }

    async fn finish(
        &self,
        key: FileKey,
        token: FencingToken,
        outcome: Outcome,
    ) -> Result<Finish, IndexError> {
        let finish = self
            .step(key, |record, now| {
                transition::finish(record, token, outcome.clone(), now)
            })
            .await?;
        Ok(finish.unwrap_or(Finish::Superseded))
    }

    async fn requeue(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        Ok(self.step(key, transition::requeue).await?.flatten())
    }

    async fn mark_deleting(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.step(key, transition::mark_deleting).await
    }

    async fn remove(&self, key: FileKey) -> Result<(), IndexError> {
        self.remove_deleting(key).await
    }

    async fn forget_user(&self, user: UserId) -> Result<bool, IndexError> {
        self.forget_all(user).await
    }

    async fn get(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.read_record(key).await
    }

    async fn get_by_name(
        &self,
        user: UserId,
        name: &FileName,
    ) -> Result<Option<FileRecord>, IndexError> {
        self.read_by_name(user, name).await
    }

    async fn page(&self, user: UserId, query: &FileQuery) -> Result<Page, IndexError> {
        self.read_page(user, query).await
    }

    async fn count(&self, user: UserId) -> Result<u64, IndexError> {
        Ok(self.read_counters(user).await?.files)
    }

    async fn revision(&self, user: UserId) -> Result<Revision, IndexError> {
        Ok(Revision(self.read_counters(user).await?.revision))
    }

    async fn take_stale(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<FileRecord>, IndexError> {
        self.stamp_stale(before, limit).await
    }

    fn changes(
        &self,
        user: UserId,
        after: Option<Revision>,
    ) -> BoxStream<'static, Result<Change, IndexError>> {
        self.follow(user, after)
    }

    /// Reads an item that is not there: needs no right beyond those for files, and unlike a
    /// description of the table it has no low rate limit.
    async fn ping(&self) -> Result<(), IndexError> {
        let nobody = FileKey {
            user: UserId::from_uuid(Uuid::nil()),
            file: FileId::from_uuid(Uuid::nil()),
        };
        self.read_record(nobody).await.map(drop)
    }
}
