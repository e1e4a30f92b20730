//! The SQLite file: one connection that writes, some that read.

use std::{fs::File, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use jiff::Timestamp;
use platen_pipeline::Clock;
use sqlx::{
    Connection as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// SQLite allows one writer at a time. A single writing connection makes writers queue here, in
/// order and without busy errors, instead of in the database's retry loop.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
    clock: Arc<dyn Clock>,
    /// Held by the operating system on our behalf, so it goes with the process, however that ends.
    _lock: Arc<File>,
}

/// Work inside a transaction; `Ok` commits.
pub(crate) type Work<'c, T> = BoxFuture<'c, sqlx::Result<T>>;

impl Database {
    pub(crate) async fn open(
        file: &Path,
        readers: u32,
        clock: Arc<dyn Clock>,
        lock: File,
    ) -> Result<Self, sqlx::migrate::MigrateError> {
        // Addresses people visit are nobody else's business. What SQLite puts beside the file
        // takes its permissions.
        File::options()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(file)
            .map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .busy_timeout(Duration::from_secs(10))
            // Statements are the same few, over and over.
            .statement_cache_capacity(64);
        let lasting = || {
            SqlitePoolOptions::new()
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        let writer = lasting()
            .max_connections(1)
            .connect_with(
                options
                    .clone()
                    .foreign_keys(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // Every commit reaches the disk: an accepted request survives a power cut.
                    .synchronous(SqliteSynchronous::Full),
            )
            .await?;
        let mut migrations = sqlx::migrate!();
        // Migrations only add. Where a later release has been before, this one works all the same: it
        // is the way back.
        migrations.set_ignore_missing(true);
        migrations.run(&writer).await?;
        let readers = lasting()
            .max_connections(readers.max(1))
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self {
            writer,
            readers,
            clock,
            _lock: Arc::new(lock),
        })
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The time as it is stored.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// Runs `work` in a transaction and, once that is committed, `announce`. Both happen even when the
    /// caller loses interest half-way, so that no write goes unannounced.
    pub(crate) async fn write<T, W, A>(&self, work: W, announce: A) -> sqlx::Result<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
        A: FnOnce(&T) + Send + 'static,
    {
        let writer = self.writer.clone();
        let task = tokio::spawn(async move {
            let mut connection = writer.acquire().await?;
            let result = transact(&mut connection, work).await;
            match &result {
                Ok(result) => announce(result),
                // When the disk is full or broken, SQLite may end a transaction by itself, and what
                // is asked of the connection then fails for ever after.
                Err(error) if is_transient(error) => connection.close_on_drop(),
                Err(_) => {}
            }
            result
        });
        // It neither panics nor is aborted, except by the runtime's own end.
        task.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    /// Writes what is in the log into the file itself and closes both.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn transact<T, W>(connection: &mut SqliteConnection, work: W) -> sqlx::Result<T>
where
    W: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T>,
{
    // Taking the lock at the start, not at the first write, is what keeps a transaction that reads
    // first from failing half-way.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let result = work(&mut transaction).await?;
    transaction.commit().await?;
    Ok(result)
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn timestamp(millis: i64) -> sqlx::Result<Timestamp> {
    Timestamp::from_millisecond(millis).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Whether it may work when tried again. Everything about the machine counts: a full disk can be
/// emptied while the service runs.
pub(crate) fn is_transient(error: &sqlx::Error) -> bool {
    // Primary result codes of SQLite: BUSY, LOCKED, NOMEM, IOERR, FULL, CANTOPEN.
    const TRANSIENT: [u32; 6] = [5, 6, 7, 10, 13, 14];
    match error {
        sqlx::Error::Database(error) => error
            .code()
            .and_then(|code| code.parse::<u32>().ok())
            // Extended codes keep the primary one in their low byte.
            .is_some_and(|code| TRANSIENT.contains(&(code & 0xff))),
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use platen_pipeline::{
        FileIndex, IndexError, Put, Quota,
        contract::{ManualClock, ids, new_file},
    };

    use super::*;
    use crate::LocalIndex;

    #[tokio::test]
    async fn a_full_disk_is_an_error_that_passes() {
        let folder = tempfile::TempDir::new().unwrap();
        let lock = File::create(folder.path().join("lock")).unwrap();
        let file = folder.path().join("pipeline.db");
        let database = Database::open(&file, 1, ManualClock::new(), lock)
            .await
            .unwrap();
        let index = LocalIndex::new(database.clone()).await.unwrap();
        let writer = &database.writer;
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
            .fetch_one(writer)
            .await
            .unwrap();
        let limit = |pages| sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        sqlx::query(limit(pages)).execute(writer).await.unwrap();

        let (user, _) = ids();
        let mut created = 0;
        loop {
            let put = index.put_queued(new_file(user, ids().1), Quota::UNLIMITED);
            match put.await {
                Ok(Put::Created(_)) => created += 1,
                Err(IndexError::Unavailable(_)) => break,
                other => panic!("{other:?}"),
            }
            assert!(created < 1000, "the disk does not get full");
        }
        // Nothing half-written, and it goes on as soon as there is room.
        assert_eq!(index.count(user).await.unwrap(), created);
        sqlx::query(limit(1_000_000)).execute(writer).await.unwrap();
        let put = index.put_queued(new_file(user, ids().1), Quota::UNLIMITED);
        assert!(matches!(put.await, Ok(Put::Created(_))));
    }
}
