use std::sync::Arc;

use futures::future::select_all;
use rustix::{event::Timespec, fd::OwnedFd, process::Pid};
use tokio::io::{Interest, unix::AsyncFd};

use super::group;

/// What the command lines hold of processes whose end Chromium survives and its pages do not. A
/// zygote takes all pages with it, and there will be no new ones. The network service is started
/// anew, but what was being loaded is not: pages miss parts, and nothing tells them why.
const VITAL: [&[u8]; 2] = [b"--type=zygote", b"network.mojom.NetworkService"];

/// Processes that a browser cannot do without.
#[derive(Clone, Debug)]
pub(crate) struct Vitals {
    processes: Arc<[Process]>,
}

#[derive(Debug)]
struct Process {
    pid: Pid,
    handle: AsyncFd<OwnedFd>,
}

impl Vitals {
    /// Looks through the group of a browser. `None` as long as one of them is missing, which is only
    /// started. Call it on a runtime.
    pub(crate) fn find(leader: Pid) -> Option<Self> {
        let processes: Vec<(Pid, Vec<u8>)> = group::members(leader)
            .into_iter()
            .map(|pid| (pid, group::command_line(pid)))
            .filter(|(_, line)| VITAL.iter().any(|part| holds(line, part)))
            // A page's process is a zygote by name for a moment, but not a child of the browser's.
            .filter(|(pid, _)| group::parent(*pid).is_some_and(is_browser))
            .collect();
        let is_complete = VITAL
            .iter()
            .all(|part| processes.iter().any(|(_, line)| holds(line, part)));
        let watched = processes.into_iter().filter_map(|(pid, _)| {
            let handle = watched(group::handle(pid, leader)?)?;
            Some(Process { pid, handle })
        });
        is_complete.then(|| Self {
            processes: watched.collect(),
        })
    }

    /// Whether all of them run at this moment.
    pub(crate) fn are_intact(&self) -> bool {
        // An id without an end is still that of its process.
        !self.processes.iter().any(|process| {
            group::is_ending(process.pid)
                || group::has_ended(process.handle.get_ref(), Timespec::default())
        })
    }

    /// Completes when one of them has ended.
    pub(crate) async fn lost(&self) {
        if self.processes.is_empty() {
            return std::future::pending().await;
        }
        let ends = self
            .processes
            .iter()
            .map(|process| Box::pin(process.handle.readable()));
        // An error means that the runtime is going.
        let _ = select_all(ends).await;
    }
}

fn holds(line: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(line, part).is_some()
}

fn is_browser(pid: Pid) -> bool {
    !holds(&group::command_line(pid), b"--type=")
}

#[expect(
    deprecated,
    reason = "its successor is unsafe, for types that may close what they show; this one may not"
)]
fn watched(process: OwnedFd) -> Option<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(process, Interest::READABLE).ok()
}
