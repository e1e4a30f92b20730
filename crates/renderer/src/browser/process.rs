use std::{
    io,
    process::Child,
    time::{Duration, Instant},
};

use rustix::{
    event::Timespec,
    process::{Pid, Signal, WaitOptions, kill_process_group, waitpgid, waitpid},
};

use super::{group, profile::Profile};

/// How long killed processes may take to end. It takes milliseconds, and more when the kernel has
/// much memory to take back.
const END_PATIENCE: Duration = Duration::from_secs(10);

/// The processes of one browser and their directory. Dropping it ends and removes them all.
#[derive(Debug)]
pub(crate) struct BrowserProcess {
    group: Pid,
    // Goes when no process uses it any more.
    _profile: Profile,
}

impl BrowserProcess {
    /// `child` leads a process group of its own.
    pub(super) fn new(child: &Child, profile: Profile) -> io::Result<Self> {
        let group = Pid::from_raw(child.id().cast_signed())
            .ok_or_else(|| io::Error::other("process has no id"))?;
        Ok(Self {
            group,
            _profile: profile,
        })
    }

    /// The process group, which is also the id of the process that was started.
    pub(crate) fn group(&self) -> Pid {
        self.group
    }

    /// Ends every process of the group and waits for all of them. Blocks for some milliseconds.
    pub(crate) fn end(self) {
        drop(self);
    }
}

impl Drop for BrowserProcess {
    fn drop(&mut self) {
        // The leader is our child and not yet waited for, dead or alive, so nothing else can have
        // got its id.
        if let Err(error) = kill_process_group(self.group, Signal::KILL) {
            tracing::debug!(%error, "browser's process group could not be killed");
        }
        // One that is still ending could write into the directory while that is removed.
        let deadline = Instant::now() + END_PATIENCE;
        for pid in group::members(self.group) {
            let Some(handle) = group::handle(pid, self.group) else {
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).unwrap_or_default();
            if !group::has_ended(&handle, left) {
                tracing::warn!(pid = pid.as_raw_nonzero().get(), "process does not end");
            }
        }
        if let Err(error) = waitpid(Some(self.group), WaitOptions::empty()) {
            tracing::warn!(%error, "browser process could not be waited for");
        }
        // Where we are the first process of a container, what the browser had started became ours
        // when it died, and no one else will wait for it.
        while let Ok(Some(_)) = waitpgid(self.group, WaitOptions::NOHANG) {}
    }
}
