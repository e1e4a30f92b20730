use std::fs;

use rustix::process::{Pid, Signal};

use super::group;

/// Memory of a browser's process group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GroupMemory {
    /// Bytes that belong to the processes alone: resident without file-backed and shared pages,
    /// which Chromium's many processes would count many times.
    pub private_bytes: u64,
    /// The largest process that renders pages, and its private bytes.
    pub largest_renderer: Option<(Pid, u64)>,
}

/// Adds up the group led by `leader`. Processes that end meanwhile count as nothing.
pub(crate) fn group_memory(leader: Pid) -> GroupMemory {
    let mut memory = GroupMemory::default();
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    for pid in group::members(leader) {
        let private = fs::read_to_string(format!("/proc/{}/statm", pid.as_raw_nonzero()))
            .ok()
            .and_then(|statm| private_pages(&statm))
            .unwrap_or(0)
            * page;
        memory.private_bytes += private;
        let is_larger = memory
            .largest_renderer
            .is_none_or(|(_, largest)| private > largest);
        if is_larger
            && memchr::memmem::find(&group::command_line(pid), b"--type=renderer").is_some()
        {
            memory.largest_renderer = Some((pid, private));
        }
    }
    memory
}

/// Ends the process that renders the greediest page. Only that page crashes.
pub(crate) fn kill_largest_renderer(memory: &GroupMemory) {
    if let Some((pid, bytes)) = memory.largest_renderer {
        tracing::warn!(
            pid = pid.as_raw_nonzero().get(),
            bytes,
            "page uses too much memory"
        );
        if let Err(error) = rustix::process::kill_process(pid, Signal::KILL) {
            tracing::debug!(%error, "process of the page has ended by itself");
        }
    }
}

/// Resident pages of `/proc/<pid>/statm` that are not shared.
fn private_pages(statm: &str) -> Option<u64> {
    let mut fields = statm.split_ascii_whitespace().skip(1);
    let resident: u64 = fields.next()?.parse().ok()?;
    let shared: u64 = fields.next()?.parse().ok()?;
    Some(resident.saturating_sub(shared))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_is_resident_without_shared() {
        assert_eq!(private_pages("100 50 20 1 0 30 0"), Some(30));
        assert_eq!(private_pages("100"), None);
    }

    #[test]
    fn our_own_group_has_memory() {
        let group = rustix::process::getpgrp();
        assert!(group_memory(group).private_bytes > 0);
    }
}
