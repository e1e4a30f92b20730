use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::asset::Asset;

/// Writes `files` in their order and removes what else is in `dist`, in this order, so that a page
/// served meanwhile finds all that it refers to.
pub(super) fn write(dist: &Path, files: &[Asset]) -> Result<()> {
    for Asset { path, content } in files {
        let path = dist.join(path);
        // Unchanged files keep their time: who embeds them need not build again.
        if fs::read(&path).is_ok_and(|there| there == *content) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let half = path.with_added_extension("part");
        fs::write(&half, content)
            .and_then(|()| fs::rename(&half, &path))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let kept: HashSet<PathBuf> = files.iter().map(|file| dist.join(&file.path)).collect();
    remove_others(dist, &kept)
}

fn remove_others(folder: &Path, kept: &HashSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
