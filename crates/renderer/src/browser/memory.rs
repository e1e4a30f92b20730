use std::fs;

use rustix::process::{Pid, Signal};

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
    let Ok(processes) = fs::read_dir("/proc") else {
        return memory;
    };
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    for process in processes.flatten() {
        let name = process.file_name();
        let Some(pid) = name
            .to_str()
            .and_then(|name| name.parse().ok())
            .and_then(Pid::from_raw)
        else {
            continue;
        };
        let path = process.path();
        let in_group = fs::read_to_string(path.join("stat"))
            .is_ok_and(|stat| group_of(&stat) == Some(leader.as_raw_nonzero().get()));
        if !in_group {
            continue;
        }
        let private = fs::read_to_string(path.join("statm"))
            .ok()
            .and_then(|statm| private_pages(&statm))
            .unwrap_or(0)
            * page;
        memory.private_bytes += private;
        let is_larger = memory
            .largest_renderer
            .is_none_or(|(_, largest)| private > largest);
        if is_larger
            && fs::read(path.join("cmdline"))
                .is_ok_and(|cmdline| memchr::memmem::find(&cmdline, b"--type=renderer").is_some())
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

/// Field `pgrp` of `/proc/<pid>/stat`. The name before it may hold spaces and parentheses.
fn group_of(stat: &str) -> Option<i32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_ascii_whitespace().nth(2)?.parse().ok()
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
    fn a_group_is_read_past_any_name() {
        assert_eq!(group_of("12 (a) b) (c) S 1 34 34 0"), Some(34));
        assert_eq!(group_of("12 (a"), None);
    }

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
