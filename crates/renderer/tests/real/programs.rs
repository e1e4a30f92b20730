//! Programs in place of the browser.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// A script to be started as the browser is. Returns its path, and that of a file that `mark` stands
/// for in the script; `chromium` stands for the browser itself.
pub(crate) fn instead_of_the_browser(name: &str, script: &str) -> (PathBuf, PathBuf) {
    let place = env::temp_dir().join(format!("platen-renderer-tests-{name}-program"));
    drop(fs::remove_dir_all(&place));
    fs::create_dir(&place).unwrap();
    open_to_all(&place);
    let (program, mark) = (place.join("browser"), place.join("mark"));
    let script = script
        .replace("mark", mark.to_str().unwrap())
        .replace("chromium", chromium().to_str().unwrap());
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    open_to_all(&program);
    (program, mark)
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The browser that the other tests use.
fn chromium() -> PathBuf {
    let path = env::var_os("PATH").unwrap();
    [
        "chromium-headless-shell",
        "chrome-headless-shell",
        "chromium",
    ]
    .iter()
    .find_map(|name| {
        env::split_paths(&path)
            .map(|place| place.join(name))
            .find(|program| program.is_file())
    })
    .unwrap()
}
