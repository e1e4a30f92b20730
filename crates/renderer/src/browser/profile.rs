use std::{
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use tempfile::TempDir;

use super::user::User;

const PREFIX: &str = "browser-";

/// Directory of one browser: profile, home and temporary files. Gone when dropped.
///
/// The directory is locked while its browser lives, so that [`sweep`] tells a leftover of a killed
/// process from the directory of a living one.
#[derive(Debug)]
pub(super) struct Profile {
    directory: TempDir,
    _lock: File,
}

impl Profile {
    /// Makes a directory in `work_dir` that `owner` (or else we) alone can read.
    pub(super) fn create(work_dir: &Path, owner: Option<User>) -> io::Result<Self> {
        if !work_dir.is_dir() {
            fs::create_dir_all(work_dir)?;
            // Another user must be able to pass, not to look.
            fs::set_permissions(work_dir, fs::Permissions::from_mode(0o711))?;
        }
        let _creating = lock_work_dir(work_dir)?;
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(work_dir)?;
        let lock = File::open(directory.path())?;
        lock.try_lock()?;
        let own = |path: &Path| match owner {
            Some(user) => std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid)),
            None => Ok(()),
        };
        let profile = Self {
            directory,
            _lock: lock,
        };
        own(profile.path())?;
        fs::create_dir(profile.temporary())?;
        own(&profile.temporary())?;
        Ok(profile)
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where the browser puts temporary files, the PDF it is printing among them.
    pub(super) fn temporary(&self) -> std::path::PathBuf {
        self.path().join("tmp")
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(self.path()) {
            tracing::warn!(%error, "directory of a browser stays until the next start");
        }
    }
}

/// Removes directories of browsers whose process was killed before it could clean up.
/// Returns how many there were.
pub(crate) fn sweep(work_dir: &Path) -> io::Result<usize> {
    if !work_dir.is_dir() {
        return Ok(0);
    }
    let _sweeping = lock_work_dir(work_dir)?;
    let mut removed = 0;
    for entry in fs::read_dir(work_dir)? {
        match remove_leftover(&entry?) {
            Ok(true) => removed += 1,
            Ok(false) => {}
            // Its own process has removed it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // The process was killed a moment ago, and its browser is still ending.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                tracing::info!("directory of a browser that is ending stays until the next start");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

/// Returns whether it was one.
fn remove_leftover(entry: &fs::DirEntry) -> io::Result<bool> {
    let is_profile = entry.file_name().to_string_lossy().starts_with(PREFIX);
    if !is_profile || !entry.file_type()?.is_dir() {
        return Ok(false);
    }
    let directory = File::open(entry.path())?;
    if directory.try_lock().is_err() {
        return Ok(false);
    }
    fs::remove_dir_all(entry.path())?;
    Ok(true)
}

/// Held for the moment between making a directory and locking it.
fn lock_work_dir(work_dir: &Path) -> io::Result<File> {
    let directory = File::open(work_dir)?;
    directory.lock()?;
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_go_and_living_ones_stay() {
        let work_dir = tempfile::tempdir().unwrap();
        let living = Profile::create(work_dir.path(), None).unwrap();
        fs::create_dir_all(work_dir.path().join("browser-dead/tmp")).unwrap();
        fs::create_dir(work_dir.path().join("other")).unwrap();

        assert_eq!(sweep(work_dir.path()).unwrap(), 1);
        assert!(living.path().is_dir());
        assert!(work_dir.path().join("other").is_dir());

        drop(living);
        assert_eq!(fs::read_dir(work_dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn living_ones_may_go_while_leftovers_are_looked_for() {
        let work_dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            let coming_and_going = scope.spawn(|| {
                for _ in 0..500 {
                    drop(Profile::create(work_dir.path(), None).unwrap());
                }
            });
            while !coming_and_going.is_finished() {
                assert_eq!(sweep(work_dir.path()).unwrap(), 0);
            }
        });
    }

    #[test]
    fn what_is_still_written_to_stays_until_the_next_sweep() {
        let work_dir = tempfile::tempdir().unwrap();
        let dying = work_dir.path().join("browser-dying/tmp");
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| {
                for n in 0..20_000 {
                    // It may have been removed in between.
                    fs::create_dir_all(&dying).ok();
                    fs::write(dying.join(n.to_string()), "x").ok();
                }
            });
            while !writing.is_finished() {
                sweep(work_dir.path()).unwrap();
            }
        });
        sweep(work_dir.path()).unwrap();
        assert_eq!(fs::read_dir(work_dir.path()).unwrap().count(), 0);
    }
}
