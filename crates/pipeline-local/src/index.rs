//! [`FileIndex`] on SQLite.

mod changes;
mod forget;
mod list;
mod put;
mod row;
mod stale;
mod transition;

pub(crate) use row::key;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;
use platen_api_types::{Stage, UserId};
use platen_pipeline::{
    Change, Claim, FencingToken, FileIndex, FileKey, FileName, FileQuery, FileRecord, Finish,
    IndexError, NewFile, Outcome, Page, Put, Quota, Revision,
};
use tokio::sync::broadcast;

use crate::database::{Database, is_transient};

/// The records of all files in `pipeline.db`.
#[derive(Clone, Debug)]
pub struct LocalIndex {
    database: Database,
    news: News,
}

/// Tells readers of changes in this process that there are some.
#[derive(Clone, Debug)]
struct News {
    sender: broadcast::Sender<(UserId, Revision)>,
    /// The newest revision that was announced.
    latest: Arc<AtomicU64>,
}

impl News {
    /// How many announcements a reader may lag behind before it has to look for itself.
    const CAPACITY: usize = 256;

    fn new(latest: u64) -> Self {
        Self {
            sender: broadcast::channel(Self::CAPACITY).0,
            latest: Arc::new(AtomicU64::new(latest)),
        }
    }

    fn announce(&self, change: &Change) {
        self.latest.fetch_max(change.revision.0, Ordering::AcqRel);
        // Fails when nobody listens.
        let _ = self.sender.send((change.record.user, change.revision));
    }

    fn latest(&self) -> Revision {
        Revision(self.latest.load(Ordering::Acquire))
    }
}

impl LocalIndex {
    pub(crate) async fn new(database: Database) -> sqlx::Result<Self> {
        let latest: i64 = sqlx::query_scalar("SELECT value FROM sequence")
            .fetch_one(database.readers())
            .await?;
        Ok(Self {
            database,
            news: News::new(latest.unsigned_abs()),
        })
    }
}

fn index_error(error: sqlx::Error) -> IndexError {
    if is_transient(&error) {
        IndexError::Unavailable(Box::new(error))
    } else {
        IndexError::Failed(Box::new(error))
    }
}

fn bytes(id: &uuid::Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

#[async_trait]
impl FileIndex for LocalIndex {
    async fn put_queued(&self, new: NewFile, quota: Quota) -> Result<Put, IndexError> {
        self.put(new, quota).await.map_err(index_error)
    }

    async fn claim(&self, key: FileKey, lease: Duration) -> Result<Claim, IndexError> {
        self.take(key, lease).await.map_err(index_error)
    }

    async fn renew(
        &self,
        key: FileKey,
        token: FencingToken,
        lease: Duration,
    ) -> Result<Finish, IndexError> {
        self.prolong(key, token, lease).await.map_err(index_error)
    }

    async fn advance(
        &self,
        key: FileKey,
        token: FencingToken,
        stage: Stage,
    ) -> Result<Finish, IndexError> {
        self.tell(key, token, stage).await.map_err(index_error)
    }

    async fn release(&self, key: FileKey, token: FencingToken) -> Result<Finish, IndexError> {
        self.give_back(key, token).await.map_err(index_error)
    }

    async fn finish(
        &self,
        key: FileKey,
        token: FencingToken,
        outcome: Outcome,
    ) -> Result<Finish, IndexError> {
        self.record(key, token, outcome).await.map_err(index_error)
    }

    async fn requeue(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.try_again(key).await.map_err(index_error)
    }

    async fn mark_deleting(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.doom(key).await.map_err(index_error)
    }

    async fn remove(&self, key: FileKey) -> Result<(), IndexError> {
        self.forget(key).await.map_err(index_error)
    }

    async fn forget_user(&self, user: UserId) -> Result<bool, IndexError> {
        self.forget_all(user).await.map_err(index_error)
    }

    async fn get(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.find(key).await.map_err(index_error)
    }

    async fn get_by_name(
        &self,
        user: UserId,
        name: &FileName,
    ) -> Result<Option<FileRecord>, IndexError> {
        self.find_by_name(user, name).await.map_err(index_error)
    }

    async fn page(&self, user: UserId, query: &FileQuery) -> Result<Page, IndexError> {
        self.list(user, query).await.map_err(index_error)
    }

    async fn count(&self, user: UserId) -> Result<u64, IndexError> {
        self.usage(user).await.map_err(index_error)
    }

    /// All users share one row of revisions.
    async fn revision(&self, _: UserId) -> Result<Revision, IndexError> {
        Ok(self.news.latest())
    }

    async fn take_stale(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<FileRecord>, IndexError> {
        self.stale(before, limit).await.map_err(index_error)
    }

    fn changes(
        &self,
        user: UserId,
        after: Option<Revision>,
    ) -> BoxStream<'static, Result<Change, IndexError>> {
        self.follow(user, after)
    }

    async fn ping(&self) -> Result<(), IndexError> {
        sqlx::query_scalar::<_, i64>("SELECT value FROM sequence")
            .fetch_one(self.database.readers())
            .await
            .map(drop)
            .map_err(index_error)
    }
}
