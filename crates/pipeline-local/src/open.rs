//! All parts of the pipeline in one folder.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use platen_pipeline::Clock;

use crate::{LocalIndex, LocalQueue, LocalStore, ResumeError, database::Database, resume::resume};

/// How the local pipeline behaves.
#[derive(Clone, Copy, Debug)]
pub struct LocalSettings {
    /// Deliveries of a message before it goes to the dead letters, at least 1.
    pub max_receives: u32,
    /// Connections that read the database at the same time, at least 1.
    pub readers: u32,
}

impl Default for LocalSettings {
    fn default() -> Self {
        Self {
            max_receives: 10,
            readers: 4,
        }
    }
}

/// Why the pipeline could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("data folder {0} cannot be used")]
    Folder(PathBuf, #[source] io::Error),
    #[error("data folder {0} is in use by another process")]
    InUse(PathBuf),
    #[error("pipeline database cannot be opened")]
    Database(#[source] sqlx::Error),
    #[error("pipeline database cannot be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    #[error("work of an earlier process cannot be taken up")]
    Resume(#[source] ResumeError),
}

/// Index, queues and store in one folder, used by one process at a time.
#[derive(Clone, Debug)]
pub struct LocalPipeline {
    pub index: Arc<LocalIndex>,
    pub queue: Arc<LocalQueue>,
    pub dead_letters: Arc<LocalQueue>,
    pub store: Arc<LocalStore>,
    database: Database,
}

impl LocalPipeline {
    /// Opens the pipeline in `folder`, making what is missing: `pipeline.db`, `pipeline.lock` and
    /// `pdfs/`.
    ///
    /// Nobody else can be working on it, so whatever a process before this one had in hand is
    /// handed out again at once: leases end, hidden messages appear, and work whose message was
    /// never sent gets one.
    pub async fn open(
        folder: &Path,
        clock: Arc<dyn Clock>,
        settings: LocalSettings,
    ) -> Result<Self, OpenError> {
        let unusable = |error| OpenError::Folder(folder.to_owned(), error);
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let lock = File::create(folder.join("pipeline.lock")).map_err(unusable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::InUse(folder.to_owned()),
            TryLockError::Error(error) => unusable(error),
        })?;
        let database = Database::open(&folder.join("pipeline.db"), settings.readers, clock, lock)
            .await
            .map_err(OpenError::Migration)?;
        let store = LocalStore::open(folder.join("pdfs"))
            .await
            .map_err(unusable)?;
        let index = LocalIndex::new(database.clone())
            .await
            .map_err(OpenError::Database)?;
        let (queue, dead_letters) = LocalQueue::pair(&database, settings.max_receives);
        resume(&database, &queue).await.map_err(OpenError::Resume)?;
        Ok(Self {
            index: Arc::new(index),
            queue: Arc::new(queue),
            dead_letters: Arc::new(dead_letters),
            store: Arc::new(store),
            database,
        })
    }

    /// Closes the database in good order. Not closing loses nothing, but leaves work for the next
    /// start.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
