//! Listing.

use std::{io, path::Path};

use platen_pipeline::PdfKey;

use super::{LocalStore, blocking};

impl LocalStore {
    pub(super) async fn list(&self, after: Option<PdfKey>, limit: u16) -> io::Result<Vec<PdfKey>> {
        let users = self.root.join("users");
        blocking(move || list(&users, after, usize::from(limit))).await
    }
}

/// Names in a folder, sorted; none when it is not there (any more).
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        // No key has a name that is not text.
        if let Ok(name) = entry?.file_name().into_string() {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Ids print in their own order, so folder after folder is the order of whole keys, too.
fn list(users: &Path, after: Option<PdfKey>, limit: usize) -> io::Result<Vec<PdfKey>> {
    let after = after.map(|after| {
        (
            after.user.to_string(),
            after.file.to_string(),
            after.to_string(),
        )
    });
    let mut keys = Vec::new();
    for user in names(users)? {
        if after.as_ref().is_some_and(|after| user < after.0) {
            continue;
        }
        let same_user = after.as_ref().filter(|after| user == after.0);
        for file in names(&users.join(&user))? {
            if same_user.is_some_and(|after| file < after.1) {
                continue;
            }
            for pdf in names(&users.join(&user).join(&file))? {
                let text = format!("users/{user}/{file}/{pdf}");
                if after.as_ref().is_some_and(|after| text <= after.2) {
                    continue;
                }
                // Anything else was not put here by us.
                let Ok(key) = text.parse() else { continue };
                if keys.len() == limit {
                    return Ok(keys);
                }
                keys.push(key);
            }
        }
    }
    Ok(keys)
}
