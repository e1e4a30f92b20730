//! Clocks that are wrong.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Where distributions keep libfaketime; its own folder is below that of the libraries.
const LIBRARIES: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
];

/// The environment in which a program's clock is off by so many minutes. How fast time passes is not
/// changed, nor what the programs that it starts with an environment of their own see.
pub fn clock_off_by(minutes: i32) -> Result<Vec<(&'static str, String)>> {
    if minutes == 0 {
        return Ok(Vec::new());
    }
    Ok(vec![
        ("LD_PRELOAD", library()?.display().to_string()),
        ("FAKETIME", format!("{minutes:+}m")),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ])
}

fn library() -> Result<PathBuf> {
    // The one for programs with threads.
    LIBRARIES
        .iter()
        .map(|folder| Path::new(folder).join("faketime/libfaketimeMT.so.1"))
        .find(|path| path.is_file())
        .context("libfaketime is missing: `make test` installs it")
}
