//! The real converter, polling its queue, started for one test.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::{
    process::{Child, Command},
    sync::mpsc,
};

use crate::{Process, log::Log, program, within};

/// Longest that a start may take on a busy machine, browser included.
const START: Duration = Duration::from_mins(1);

/// A running converter. Dropped, it is killed with everything it started in its process group.
#[derive(Debug)]
pub struct Worker {
    child: Child,
}

impl Worker {
    /// Starts one that may render pages of `site`, a `host:port`, and waits until it polls.
    pub async fn start(env: &[(&'static str, String)], site: &str) -> Result<Self> {
        let binary = program::converter()?;
        let mut child = Command::new(&binary)
            .arg("--poll")
            .env_clear()
            .envs(program::inherited())
            .env("PLATEN_EGRESS_ALLOW", site)
            .env("PLATEN_LOG_FORMAT", "json")
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("{} does not start", binary.display()))?;
        let log = Log::default();
        let (found, mut lines) = mpsc::unbounded_channel();
        log.follow(child.stdout.take(), found.clone());
        log.follow(child.stderr.take(), found);
        let worker = Self { child };
        let ready = within("the converter is ready", START, async {
            loop {
                let line = lines.recv().await.context("it ended before it was ready")?;
                if line.contains("\"message\":\"ready\"") {
                    return Ok(());
                }
            }
        });
        ready
            .await
            .with_context(|| format!("its log:\n{}", log.text()))?;
        Ok(worker)
    }

    /// Kills the converter as a power cut would; its browser ends with it.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Kills everything that it started, and leaves it running.
    pub fn kill_browser(&self) -> Result<()> {
        let id = self.child.id().context("it has already ended")?;
        for process in Process::descendants(id)? {
            // Another of them may have taken this one along.
            let _ = process.kill();
        }
        Ok(())
    }

    /// Stops it as a hypervisor does, for a time; it does not notice.
    pub fn freeze(&self, time: Duration) -> Result<()> {
        let pid = self.pid().context("it has already ended")?;
        kill_process(pid, Signal::STOP)?;
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            // It may have been killed meanwhile.
            let _ = kill_process(pid, Signal::CONT);
        });
        Ok(())
    }

    /// Asks it to stop, as an init system does; returns at once.
    pub fn terminate(&self) -> Result<()> {
        let pid = self.pid().context("it has already ended")?;
        Ok(kill_process(pid, Signal::TERM)?)
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self, limit: Duration) -> Result<()> {
        within("the converter ends", limit, async {
            self.child.wait().await?;
            Ok(())
        })
        .await
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()?).ok()?)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            // It may have just ended by itself, which is as well.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
