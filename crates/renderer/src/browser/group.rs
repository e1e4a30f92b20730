//! The process group that a browser and all it starts are in.

use std::fs;

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::OwnedFd,
    process::{Pid, PidfdFlags, pidfd_open},
};

/// Flag of a process that is on its way out (`include/linux/sched.h`).
const PF_EXITING: u32 = 0x4;

/// Ids of the processes in the group led by `leader`, those among them that ended and were not yet
/// waited for.
pub(super) fn members(leader: Pid) -> Vec<Pid> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    processes
        .flatten()
        .filter_map(|process| Pid::from_raw(process.file_name().to_str()?.parse().ok()?))
        .filter(|pid| is_member(*pid, leader))
        .collect()
}

fn is_member(pid: Pid, leader: Pid) -> bool {
    family(pid).is_some_and(|(_, group)| group == leader.as_raw_nonzero().get())
}

/// The process that started this one, or that took it over.
pub(super) fn parent(pid: Pid) -> Option<Pid> {
    family(pid).and_then(|(parent, _)| Pid::from_raw(parent))
}

/// Whether a process is ending or has ended. Others learn of it through its sockets, which close
/// before a handle to it becomes readable.
pub(super) fn is_ending(pid: Pid) -> bool {
    !fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
        .is_ok_and(|stat| flags(&stat).is_some_and(|flags| flags & PF_EXITING == 0))
}

/// Field `flags` of `/proc/<pid>/stat`.
fn flags(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_ascii_whitespace().nth(6)?.parse().ok()
}

fn family(pid: Pid) -> Option<(i32, i32)> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    parent_and_group(&stat)
}

/// Fields `ppid` and `pgrp` of `/proc/<pid>/stat`. The name before them may hold spaces and
/// parentheses.
fn parent_and_group(stat: &str) -> Option<(i32, i32)> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// Arguments of a process with NUL between them; with spaces in Chromium's that are forked from a
/// zygote. Empty when it has ended.
pub(super) fn command_line(pid: Pid) -> Vec<u8> {
    fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())).unwrap_or_default()
}

/// A handle to a member of the group that becomes readable when the process has ended. `None` when
/// it is gone.
pub(super) fn handle(pid: Pid, leader: Pid) -> Option<OwnedFd> {
    let handle = pidfd_open(pid, PidfdFlags::empty()).ok()?;
    // The id could have gone to another process before it was opened, not since.
    is_member(pid, leader).then_some(handle)
}

/// Whether the process of a handle has ended, waiting at most `patience` for it.
pub(super) fn has_ended(handle: &OwnedFd, patience: Timespec) -> bool {
    let mut interest = [PollFd::new(handle, PollFlags::IN)];
    poll(&mut interest, Some(&patience)).is_ok_and(|ready| ready > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_read_past_any_name() {
        assert_eq!(parent_and_group("12 (a) b) (c) S 1 34 34 0"), Some((1, 34)));
        assert_eq!(parent_and_group("12 (a"), None);
    }

    #[test]
    fn a_process_is_ending_until_it_is_gone() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pid = Pid::from_child(&child);
        assert!(!is_ending(pid));
        let handle = pidfd_open(pid, PidfdFlags::empty()).unwrap();
        assert!(!has_ended(&handle, Timespec::default()));
        drop(child.stdin.take());
        assert!(has_ended(
            &handle,
            Timespec {
                tv_sec: 10,
                tv_nsec: 0
            }
        ));
        // Dead, and then waited for.
        assert!(is_ending(pid));
        child.wait().unwrap();
        assert!(is_ending(pid));
    }

    #[test]
    fn we_are_in_our_own_group() {
        let members = members(rustix::process::getpgrp());
        assert!(members.contains(&rustix::process::getpid()));
    }
}
