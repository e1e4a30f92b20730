//! The key, which should not stand in the list of processes.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use secrecy::{ExposeSecret as _, SecretString};

use super::SaveError;

/// The key, wherever it is: what the file holds counts before what the variable does.
pub(super) fn find(
    given: Option<SecretString>,
    file: Option<&Path>,
) -> Result<SecretString, SaveError> {
    let key = match file {
        None => given.ok_or(SaveError::NoKey)?,
        Some(path) => read(path).map_err(|source| SaveError::KeyFile {
            path: path.to_owned(),
            source,
        })?,
    };
    if key.expose_secret().trim().is_empty() {
        return Err(SaveError::NoKey);
    }
    Ok(key)
}

fn read(path: &Path) -> io::Result<SecretString> {
    let mut text = if path.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        text
    } else {
        fs::read_to_string(path)?
    };
    text.truncate(text.trim_end().len());
    Ok(text.into())
}
