//! The folder that a server keeps its data in.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use tempfile::TempDir;
use tokio::process::Command;

use crate::program;

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

    /// [`pdfs`] in the folder.
    pub fn pdfs(&self) -> Result<Vec<PathBuf>> {
        pdfs(self.path())
    }
}

/// Every file in a folder that is, or began as, a PDF: by its first bytes, wherever it lies and whatever
/// it is called.
pub fn pdfs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
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

/// A command that runs another on a file system of its own of so many megabytes, in memory, in place of
/// `folder`. Nobody else sees it, and it goes with the command: whoever wants to look has to go through
/// the root of its process.
pub(crate) fn on_small_disk(folder: &Path, megabytes: u32, program: &Path) -> Command {
    // To mount takes root, or a name space in which one is; from that, a second one leads back to the
    // user, since the server would be somebody else as root.
    const ROOT: &str = r#"mount -t tmpfs -o "size=$1m,mode=755" platen "$2" && exec "$3""#;
    const USER: &str = r#"mount -t tmpfs -o "size=$1m,mode=755" platen "$2" &&
        exec unshare --user --map-user="$4" --map-group="$5" "$3""#;
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    let mut command = program::command(Path::new("unshare"));
    if user.is_root() {
        command.args(["--mount", "sh", "-c", ROOT]);
    } else {
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", USER]);
    }
    command.args(["sh", &megabytes.to_string()]);
    command.args([folder, program]);
    command.args([user.as_raw(), group.as_raw()].map(|id| id.to_string()));
    command
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
