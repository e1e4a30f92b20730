//! The folders that Platen keeps on this machine.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    #[error("folder {} cannot be made: set {variable} to one that can", path.display())]
    Make {
        path: PathBuf,
        variable: &'static str,
        #[source]
        source: io::Error,
    },
    #[error("{} belongs to someone else: set {variable} to another folder", path.display())]
    Foreign {
        path: PathBuf,
        variable: &'static str,
    },
}

/// Makes the data folder, for its owner alone, unless it is there.
pub(super) fn prepare_data_dir(path: &Path) -> Result<(), FolderError> {
    make(path, 0o700, "PLATEN_DATA_DIR")
}

/// Makes the folder for browsers, unless it is there. Their user has to pass it, not to look.
///
/// Usually it lies where everyone may write, so someone else may have made it first.
pub(super) fn prepare_work_dir(path: &Path) -> Result<(), FolderError> {
    let variable = "PLATEN_WORK_DIR";
    make(path, 0o711, variable)?;
    let is_ours = fs::symlink_metadata(path)
        .is_ok_and(|found| found.is_dir() && found.uid() == rustix::process::geteuid().as_raw());
    if is_ours {
        Ok(())
    } else {
        Err(FolderError::Foreign {
            path: path.to_owned(),
            variable,
        })
    }
}

fn make(path: &Path, mode: u32, variable: &'static str) -> Result<(), FolderError> {
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(|source| FolderError::Make {
            path: path.to_owned(),
            variable,
            source,
        })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn the_data_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        prepare_data_dir(&path).unwrap();
        prepare_data_dir(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_link_left_by_someone_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink(folder.path(), &link).unwrap();
        let error = prepare_work_dir(&link).unwrap_err();
        assert!(matches!(error, FolderError::Foreign { .. }), "{error}");
    }
}
