//! Processes, by what the kernel says of them.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// A process that was seen running; its number alone could meanwhile be another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    id: u32,
    parent: u32,
    /// Ticks of the clock from the machine's start to the process's.
    started: u64,
}

impl Process {
    /// Everything that the process started, and what that started in turn.
    pub fn descendants(of: u32) -> Result<Vec<Self>> {
        let mut children: HashMap<u32, Vec<Self>> = HashMap::new();
        for entry in std::fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.parse().ok());
            if let Some(process) = id.and_then(Self::read) {
                children.entry(process.parent).or_default().push(process);
            }
        }
        let mut found = children.remove(&of).unwrap_or_default();
        let mut next = 0;
        while let Some(process) = found.get(next) {
            found.extend(children.remove(&process.id).unwrap_or_default());
            next += 1;
        }
        Ok(found)
    }

    /// Everything that it started and that is running now.
    pub fn started(&self) -> Result<Vec<Self>> {
        Self::descendants(self.id)
    }

    pub fn is_running(&self) -> bool {
        Self::read(self.id).is_some_and(|now| now.started == self.started)
    }

    /// The environment that it was started with; empty when it is gone.
    pub(crate) fn environment(&self) -> Vec<String> {
        let environment = std::fs::read(format!("/proc/{}/environ", self.id)).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .map(|entry| String::from_utf8_lossy(entry).into_owned())
            .collect()
    }

    /// The words it was started with; none when it is gone.
    pub fn command(&self) -> Vec<String> {
        let words = std::fs::read(format!("/proc/{}/cmdline", self.id)).unwrap_or_default();
        words
            .split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect()
    }

    pub fn kill(&self) -> Result<()> {
        Ok(kill_process(self.pid()?, Signal::KILL)?)
    }

    /// Stops it as a hypervisor does, for a time; it does not notice.
    pub fn freeze(&self, time: Duration) -> Result<()> {
        let (process, pid) = (*self, self.pid()?);
        kill_process(pid, Signal::STOP)?;
        tokio::spawn(async move {
            // How long it stands still is the fault itself: there is nothing to wait for.
            tokio::time::sleep(time).await;
            if process.is_running() {
                // It may end at this very moment.
                let _ = kill_process(pid, Signal::CONT);
            }
        });
        Ok(())
    }

    fn pid(&self) -> Result<Pid> {
        let pid = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        pid.context("no process")
    }

    /// One that is running.
    pub(crate) fn running(id: u32) -> Result<Self> {
        Self::read(id).context("it has already ended")
    }

    /// `None`: there is no such process, or it has ended and nobody has asked how (`Z`).
    fn read(id: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // proc_pid_stat(5): the name, in parentheses, may hold anything; state, parent and the
        // rest follow the last one.
        let (_, rest) = stat.rsplit_once(") ")?;
        let fields: Vec<_> = rest.split(' ').collect();
        if fields.first() == Some(&"Z") {
            return None;
        }
        Some(Self {
            id,
            parent: fields.get(1)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }
}
