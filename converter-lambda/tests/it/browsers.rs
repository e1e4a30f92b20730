//! Browsers, by what the kernel says of them.

use std::{fs, path::Path};

use rustix::process::Pid;

/// The browser process in a work directory, if there is one: not a wrapper script, not one of the
/// browser's children.
pub(crate) fn find(work_dir: &Path) -> Option<Pid> {
    let profile = format!("--user-data-dir={}/", work_dir.display());
    fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let command = fs::read(entry.path().join("cmdline")).ok()?;
        let command = String::from_utf8_lossy(&command);
        let is_browser = command.contains(&profile)
            && !command.contains("--type=")
            && !command.starts_with("/bin/sh");
        Pid::from_raw(pid).filter(|_| is_browser)
    })
}

/// The process group that it shares with its children, and with a wrapper script.
pub(crate) fn group(browser: Pid) -> Pid {
    rustix::process::getpgid(Some(browser)).unwrap()
}

/// The environment that a process was started with.
pub(crate) fn environment(pid: Pid) -> Vec<String> {
    let path = format!("/proc/{}/environ", pid.as_raw_nonzero());
    let environment = fs::read(path).unwrap();
    environment
        .split(|byte| *byte == 0)
        .filter(|variable| !variable.is_empty())
        .map(|variable| String::from_utf8_lossy(variable).into_owned())
        .collect()
}

/// Files of all browsers in a work directory that are not part of a profile, but of a job.
pub(crate) fn temporary_files(work_dir: &Path) -> Vec<String> {
    let browsers = fs::read_dir(work_dir).unwrap().flatten();
    browsers
        .filter_map(|browser| fs::read_dir(browser.path().join("tmp")).ok())
        .flatten()
        .flatten()
        .map(|file| file.path().display().to_string())
        .collect()
}
