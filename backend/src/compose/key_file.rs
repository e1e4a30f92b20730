//! The key that a standalone server makes for itself.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    config::{JwtKey, Setting},
    ids::Random,
};

const NAME: &str = "jwt.key";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    #[error("key file {} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    #[error("key file {} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    #[error("key file {} holds no key: remove it to get a new one, which signs everyone out", .0.display())]
    Damaged(PathBuf),
}

/// The key in the folder; made, for its owner alone, at the first start.
pub(super) fn read_or_make(folder: &Path, random: &dyn Random) -> Result<JwtKey, KeyFileError> {
    let path = folder.join(NAME);
    match std::fs::read_to_string(&path) {
        Ok(text) => JwtKey::parse(text.trim()).ok_or(KeyFileError::Damaged(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(folder, path, random),
        Err(error) => Err(KeyFileError::Read(path, error)),
    }
}

fn make(folder: &Path, path: PathBuf, random: &dyn Random) -> Result<JwtKey, KeyFileError> {
    let mut bytes = vec![0; JwtKey::MIN_BYTES];
    random.fill(&mut bytes);
    let text = STANDARD.encode(&bytes);
    // Complete before it has its name: a crash leaves no half key behind.
    let draft = folder.join(".jwt.key.new");
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&draft, &path));
    if let Err(error) = written {
        return Err(KeyFileError::Write(path, error));
    }
    tracing::info!(path = %path.display(), "made a key for session tokens");
    JwtKey::new(bytes).ok_or(KeyFileError::Damaged(path))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::ids::SystemRandom;

    #[test]
    fn the_key_stays_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = read_or_make(folder.path(), &SystemRandom).unwrap();
        let second = read_or_make(folder.path(), &SystemRandom).unwrap();
        assert_eq!(first.bytes(), second.bytes());
        let mode = folder.path().join(NAME).metadata().unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_not_replaced_in_silence() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(NAME), "short").unwrap();
        let error = read_or_make(folder.path(), &SystemRandom).unwrap_err();
        assert!(matches!(error, KeyFileError::Damaged(_)));
    }
}
