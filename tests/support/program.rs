//! The programs under test, as they were built.

use std::{ffi::OsString, path::PathBuf};

use anyhow::{Result, ensure};

/// What programs get of the environment of the tests.
const INHERITED: [&str; 3] = ["PATH", "HOME", "PLATEN_CHROMIUM"];

pub(crate) fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    INHERITED
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// `PLATEN_BIN`, or the release build of this workspace.
pub(crate) fn platen() -> Result<PathBuf> {
    find("PLATEN_BIN", "platen")
}

/// `PLATEN_CONVERTER_BIN`, or the release build of this workspace.
pub(crate) fn converter() -> Result<PathBuf> {
    find("PLATEN_CONVERTER_BIN", "bootstrap")
}

fn find(variable: &str, name: &str) -> Result<PathBuf> {
    let path = std::env::var_os(variable).map_or_else(
        || {
            let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release");
            PathBuf::from(built).join(name)
        },
        PathBuf::from,
    );
    ensure!(
        path.is_file(),
        "no program at {}: run `make test`, or `make build` and set {variable}",
        path.display()
    );
    Ok(path)
}
