use std::{io, process::Child};

use rustix::process::{Pid, Signal};

use super::profile::Profile;

/// The processes of one browser and their directory. Dropping it ends and removes them all.
#[derive(Debug)]
pub(crate) struct BrowserProcess {
    child: Child,
    group: Pid,
    // After `child`: the directory goes when no process uses it any more.
    _profile: Profile,
}

impl BrowserProcess {
    /// `child` leads a process group of its own.
    pub(super) fn new(child: Child, profile: Profile) -> io::Result<Self> {
        let group = Pid::from_raw(child.id().cast_signed())
            .ok_or_else(|| io::Error::other("process has no id"))?;
        Ok(Self {
            child,
            group,
            _profile: profile,
        })
    }

    /// The process group, which is also the id of the browser process.
    pub(crate) fn group(&self) -> Pid {
        self.group
    }

    /// Ends every process of the group and waits for the browser's. Blocks for a few
    /// milliseconds.
    pub(crate) fn end(self) {
        drop(self);
    }
}

impl Drop for BrowserProcess {
    fn drop(&mut self) {
        // The browser process is our child and not yet waited for, dead or alive, so nothing else
        // can have got its id.
        if let Err(error) = rustix::process::kill_process_group(self.group, Signal::KILL) {
            tracing::debug!(%error, "browser's process group could not be killed");
        }
        if let Err(error) = self.child.wait() {
            tracing::warn!(%error, "browser process could not be waited for");
        }
    }
}
