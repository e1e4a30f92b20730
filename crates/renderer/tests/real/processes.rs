//! Processes and directories of browsers, as the kernel sees them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, Signal, kill_process};

/// A process, dead ones included that no one has waited for.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub id: i32,
    pub parent: i32,
    pub group: i32,
    pub is_zombie: bool,
    pub command: String,
}

impl Process {
    /// Whether Chromium calls it that: `renderer`, `zygote`, `gpu-process`, `utility`.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.command.contains(&format!("--type={kind}"))
    }

    /// The one with the pipe: not a wrapper script, not one of its children.
    pub(crate) fn is_browser(&self) -> bool {
        !self.is_zombie
            && self.command.contains("--remote-debugging-pipe")
            && !self.command.contains("--type=")
            && !self.command.starts_with("/bin/sh")
    }

    pub(crate) fn is_network_service(&self) -> bool {
        self.command.contains("network.mojom.NetworkService")
    }

    fn read(id: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let is_zombie = fields.next()? == "Z";
        let command = fs::read(format!("/proc/{id}/cmdline")).ok()?;
        Some(Self {
            id,
            parent: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
            is_zombie,
            command: String::from_utf8_lossy(&command).into_owned(),
        })
    }
}

pub(crate) fn all() -> Vec<Process> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| Process::read(entry.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// Every living process in the groups of the browsers in a work directory.
pub(crate) fn of_browsers(work_dir: &Path) -> Vec<Process> {
    let profile = format!("--user-data-dir={}/", work_dir.display());
    let all = all();
    let ours = |process: &Process| process.command.contains(&profile);
    let groups: Vec<i32> = all.iter().filter(|p| ours(p)).map(|p| p.group).collect();
    all.into_iter()
        .filter(|process| !process.is_zombie && groups.contains(&process.group))
        .collect()
}

/// The process groups of the browsers in a work directory.
pub(crate) fn browser_groups(work_dir: &Path) -> Vec<i32> {
    let mut groups: Vec<i32> = of_browsers(work_dir).iter().map(|p| p.group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// The process group of the browser in a work directory, there being one.
pub(crate) fn browser_group(work_dir: &Path) -> i32 {
    let groups = browser_groups(work_dir);
    assert_eq!(groups.len(), 1, "{groups:?}");
    groups[0]
}

/// Living processes of a group.
pub(crate) fn members(group: i32) -> Vec<Process> {
    all()
        .into_iter()
        .filter(|process| process.group == group && !process.is_zombie)
        .collect()
}

/// The process with the pipe.
pub(crate) fn browser_process(group: i32) -> i32 {
    members(group).iter().find(|p| p.is_browser()).unwrap().id
}

/// Ids of the processes in a group that `is` what is looked for.
pub(crate) fn ids(group: i32, is: impl Fn(&Process) -> bool) -> Vec<i32> {
    members(group)
        .iter()
        .filter(|p| is(p))
        .map(|p| p.id)
        .collect()
}

pub(crate) fn directories(work_dir: &Path) -> usize {
    fs::read_dir(work_dir).map_or(0, Iterator::count)
}

/// What there is at these places, by name.
pub(crate) fn entries(places: &[&str]) -> Vec<PathBuf> {
    places
        .iter()
        .filter_map(|place| fs::read_dir(place).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .collect()
}

pub(crate) fn kill(pid: i32) {
    signal(pid, Signal::KILL);
}

pub(crate) fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}
