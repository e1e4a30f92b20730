//! The folder that a server keeps its data in.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use tempfile::TempDir;

/// A data folder that outlives the server that uses it, so that another can take over.
#[derive(Clone, Debug)]
pub struct DataDir(Arc<TempDir>);

impl DataDir {
    pub fn new() -> Result<Self> {
        Ok(Self(Arc::new(TempDir::with_prefix("platen-test-")?)))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Every file that is, or began as, a PDF: by its first bytes, wherever it lies and whatever
    /// it is called.
    pub fn pdfs(&self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() && starts_like_a_pdf(&entry.path())? {
                    found.push(entry.path());
                }
            }
        }
        Ok(found)
    }
}

fn starts_like_a_pdf(path: &Path) -> Result<bool> {
    use std::io::{ErrorKind, Read};

    let mut start = [0; 5];
    // The server may remove or rename a temporary file meanwhile; one that is gone is not left.
    match std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)) {
        Ok(()) => Ok(&start == b"%PDF-"),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
