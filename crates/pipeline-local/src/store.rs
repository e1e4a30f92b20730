//! [`PdfStore`] on plain files.

mod keys;
mod read;
mod write;

use std::{
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use platen_pipeline::{ByteRange, ByteStream, PdfKey, PdfObject, PdfStore, StoreError, Stored};

/// PDFs as files, each at the path its key spells.
///
/// A key is made of ids and a number and prints in one way only, so no path leads out of the
/// folder. What is being written lies in a folder of its own and moves to its place when complete.
#[derive(Clone, Debug)]
pub struct LocalStore {
    root: PathBuf,
    incoming: PathBuf,
}

impl LocalStore {
    /// Makes the folder when it is missing, and clears what a killed process left half-written.
    /// Only one process may have it open.
    pub(crate) async fn open(root: PathBuf) -> io::Result<Self> {
        let incoming = root.join("incoming");
        let store = Self {
            root,
            incoming: incoming.clone(),
        };
        blocking(move || {
            match std::fs::remove_dir_all(&incoming) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&incoming)
        })
        .await?;
        Ok(store)
    }

    fn path(&self, key: &PdfKey) -> PathBuf {
        self.root.join(key.to_string())
    }
}

/// Runs file operations that take several system calls off the async threads, in one go.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|stopped| Err(io::Error::other(stopped)))
}

/// Makes names that were added to a folder, or removed from it, survive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

fn store_error(error: io::Error) -> StoreError {
    if error.kind() == io::ErrorKind::PermissionDenied {
        StoreError::Failed(Box::new(error))
    } else {
        StoreError::Unavailable(Box::new(error))
    }
}

#[async_trait]
impl PdfStore for LocalStore {
    async fn put(&self, key: &PdfKey, body: ByteStream) -> Result<Stored, StoreError> {
        self.write(key, body).await
    }

    async fn get(
        &self,
        key: &PdfKey,
        range: Option<ByteRange>,
    ) -> Result<Option<PdfObject>, StoreError> {
        self.read(key, range).await
    }

    async fn delete(&self, key: &PdfKey) -> Result<(), StoreError> {
        self.unlink(key).await.map_err(store_error)
    }

    async fn keys(&self, after: Option<PdfKey>, limit: u16) -> Result<Vec<PdfKey>, StoreError> {
        self.list(after, limit).await.map_err(store_error)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        tokio::fs::metadata(&self.incoming)
            .await
            .map(drop)
            .map_err(store_error)
    }
}
