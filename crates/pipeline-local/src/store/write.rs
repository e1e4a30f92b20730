//! Putting and removing.

use std::{
    io,
    path::{Path, PathBuf},
};

use futures::StreamExt;
use platen_pipeline::{ByteStream, PdfKey, StoreError, Stored};
use tokio::io::AsyncWriteExt;

use super::{LocalStore, blocking, store_error, sync_folder};

/// Bytes collected before they go to the disk.
const BUFFER: usize = 256 * 1024;

/// A file that is removed unless it was moved to its place.
struct Incoming(PathBuf);

impl Drop for Incoming {
    fn drop(&mut self) {
        // Gone when it was moved. What cannot be removed is cleared at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl LocalStore {
    pub(super) async fn write(&self, key: &PdfKey, body: ByteStream) -> Result<Stored, StoreError> {
        let incoming = Incoming(self.incoming.join(uuid::Uuid::now_v7().to_string()));
        let size = fill(&incoming.0, body).await?;
        let target = self.path(key);
        let root = self.root.clone();
        blocking(move || place(&root, &incoming.0, &target))
            .await
            .map_err(store_error)?;
        Ok(Stored { size })
    }

    pub(super) async fn unlink(&self, key: &PdfKey) -> io::Result<()> {
        let path = self.path(key);
        let root = self.root.clone();
        blocking(move || {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                other => other?,
            }
            // Empty folders go as well; the first that is not empty ends the climb.
            for folder in ancestors(&root, &path).take(2) {
                if std::fs::remove_dir(folder).is_err() {
                    return sync_folder(folder);
                }
            }
            sync_folder(&root.join("users"))
        })
        .await
    }
}

async fn fill(path: &Path, mut body: ByteStream) -> Result<u64, StoreError> {
    let file = tokio::fs::File::create_new(path)
        .await
        .map_err(store_error)?;
    let mut file = tokio::io::BufWriter::with_capacity(BUFFER, file);
    let mut size = 0_u64;
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(StoreError::Source)?;
        file.write_all(&bytes).await.map_err(store_error)?;
        size += bytes.len() as u64;
    }
    file.flush().await.map_err(store_error)?;
    file.get_ref().sync_all().await.map_err(store_error)?;
    Ok(size)
}

/// Folders above `path` that lie below `root`, innermost first.
fn ancestors<'p>(root: &'p Path, path: &'p Path) -> impl Iterator<Item = &'p Path> {
    path.ancestors()
        .skip(1)
        .take_while(move |folder| *folder != root)
}

fn place(root: &Path, from: &Path, to: &Path) -> io::Result<()> {
    // A removal may take the empty folder away between the two steps, but not endlessly often.
    let mut attempts = 0;
    loop {
        attempts += 1;
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)?;
        }
        match std::fs::rename(from, to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < 8 => {}
            other => {
                other?;
                break;
            }
        }
    }
    // The file's name, and those of the folders on the way, which may be new.
    for folder in ancestors(root, to) {
        match sync_folder(folder) {
            // Removed again by now, file and all.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    sync_folder(root)
}
