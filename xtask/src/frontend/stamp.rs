use std::{env, fs, path::Path, time::UNIX_EPOCH};

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::{bundle::Sources, place::Mode};

/// Names everything that the bundle depends on: the same stamp means the same bundle.
pub(super) fn stamp(module: &[u8], sources: &Sources, mode: Mode, dist: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut add = |content: &[u8]| {
        hash.update(content.len().to_le_bytes());
        hash.update(content);
    };
    add(format!("{mode:?}").as_bytes());
    add(dist.as_os_str().as_encoded_bytes());
    add(module);
    for content in sources.contents()? {
        add(&content);
    }
    // Another build of this program may make another bundle of the same sources.
    let program = fs::metadata(env::current_exe()?)?.modified()?;
    add(&program
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos()
        .to_le_bytes());
    Ok(hex::encode(hash.finalize()))
}

/// What the last bundle was made of and which files it has.
pub(super) struct Last {
    stamp: String,
    files: Vec<String>,
}

impl Last {
    pub(super) fn read(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        let mut lines = text.lines().map(str::to_owned);
        Some(Self {
            stamp: lines.next()?,
            files: lines.collect(),
        })
    }

    pub(super) fn write(path: &Path, stamp: &str, files: &[String]) -> Result<()> {
        fs::write(path, format!("{stamp}\n{}\n", files.join("\n")))?;
        Ok(())
    }

    /// The bundle in `dist` is the one that `stamp` names, with nothing missing.
    pub(super) fn is(&self, stamp: &str, dist: &Path) -> bool {
        self.stamp == stamp && self.files.iter().all(|file| dist.join(file).is_file())
    }
}
