//! One table, as several processes use it at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;
use platen_api_types::{Stage, UserId};
use platen_peers::Kind;
use platen_pipeline::{
    Change, Claim, FencingToken, FileIndex, FileKey, FileName, FileQuery, FileRecord, Finish,
    IndexError, NewFile, Outcome, Page, Put, Quota, Revision,
    contract::{IndexHarness, ManualClock},
};
use platen_pipeline_aws::{DynamoIndex, create_table};

use crate::support::{aws, name};

/// Gives every call to the next of its indexes, which know of each other only what the table says.
struct Several {
    indexes: Vec<DynamoIndex>,
    calls: AtomicUsize,
}

impl Several {
    fn next(&self) -> &DynamoIndex {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        &self.indexes[call % self.indexes.len()]
    }
}

async fn index(kind: Kind) -> IndexHarness {
    let table = name();
    let clock = ManualClock::new();
    let mut indexes = Vec::new();
    for _ in 0..3 {
        let aws = aws(kind).await;
        indexes.push(aws.index(table.clone(), clock.clone()));
    }
    let aws = aws(kind).await;
    create_table(aws.dynamodb_client(), &table).await.unwrap();
    let calls = AtomicUsize::new(0);
    IndexHarness {
        index: Arc::new(Several { indexes, calls }),
        clock,
        keep: Box::new(()),
    }
}

/// What must also hold between processes; the rest of the suite is about one call after another.
macro_rules! between_processes {
    ($factory:path) => {
        platen_pipeline::contract_tests! { $factory, platen_pipeline::contract::index,
            of_concurrent_puts_with_one_key_one_creates
            the_quota_is_exact_under_concurrency
            the_limit_of_what_is_in_progress_is_exact_under_concurrency
            of_many_claims_one_wins
            of_concurrent_sweeps_one_takes_each_file
            the_superseded_change_nothing
            deleted_stays_deleted
        }
    };
}

mod dynoxide {
    use super::{IndexHarness, Kind};

    async fn index() -> IndexHarness {
        super::index(Kind::Dynoxide).await
    }

    between_processes!(index);

    #[test]
    fn several_indexes_do_as_the_model() {
        platen_pipeline::contract::walk::compare_index(index);
    }
}

mod moto {
    use super::{IndexHarness, Kind};

    async fn index() -> IndexHarness {
        super::index(Kind::Moto).await
    }

    between_processes!(index);
}

#[async_trait]
impl FileIndex for Several {
    async fn put_queued(&self, new: NewFile, quota: Quota) -> Result<Put, IndexError> {
        self.next().put_queued(new, quota).await
    }

    async fn claim(&self, key: FileKey, lease: Duration) -> Result<Claim, IndexError> {
        self.next().claim(key, lease).await
    }

    async fn renew(
        &self,
        key: FileKey,
        token: FencingToken,
        lease: Duration,
    ) -> Result<Finish, IndexError> {
        self.next().renew(key, token, lease).await
    }

    async fn advance(
        &self,
        key: FileKey,
        token: FencingToken,
        stage: Stage,
    ) -> Result<Finish, IndexError> {
        self.next().advance(key, token, stage).await
    }

    async fn release(&self, key: FileKey, token: FencingToken) -> Result<Finish, IndexError> {
        self.next().release(key, token).await
    }

    async fn finish(
        &self,
        key: FileKey,
        token: FencingToken,
        outcome: Outcome,
    ) -> Result<Finish, IndexError> {
        self.next().finish(key, token, outcome).await
    }

    async fn requeue(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.next().requeue(key).await
    }

    async fn mark_deleting(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.next().mark_deleting(key).await
    }

    async fn remove(&self, key: FileKey) -> Result<(), IndexError> {
        self.next().remove(key).await
    }

    async fn forget_user(&self, user: UserId) -> Result<bool, IndexError> {
        self.next().forget_user(user).await
    }

    async fn get(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.next().get(key).await
    }

    async fn get_by_name(
        &self,
        user: UserId,
        name: &FileName,
    ) -> Result<Option<FileRecord>, IndexError> {
        self.next().get_by_name(user, name).await
    }

    async fn page(&self, user: UserId, query: &FileQuery) -> Result<Page, IndexError> {
        self.next().page(user, query).await
    }

    async fn count(&self, user: UserId) -> Result<u64, IndexError> {
        self.next().count(user).await
    }

    async fn revision(&self, user: UserId) -> Result<Revision, IndexError> {
        self.next().revision(user).await
    }

    async fn take_stale(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<FileRecord>, IndexError> {
        self.next().take_stale(before, limit).await
    }

    fn changes(
        &self,
        user: UserId,
        after: Option<Revision>,
    ) -> BoxStream<'static, Result<Change, IndexError>> {
        self.next().changes(user, after)
    }

    async fn ping(&self) -> Result<(), IndexError> {
        self.next().ping().await
    }
}
