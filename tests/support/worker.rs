//! The real converter, polling its queue, started for one test.

use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use crate::{
    Process,
    program::{self, Program},
};

/// A running converter. Dropped, it is killed with everything it started in its process group.
#[derive(Debug)]
pub struct Worker(Program);

impl Worker {
    /// Starts one that may render pages of `site`, a `host:port`, and waits until it polls.
    pub async fn start(env: &[(&'static str, String)], site: &str) -> Result<Self> {
        let mut command = program::command(&program::converter()?);
        command
            .arg("--poll")
            .env("PLATEN_EGRESS_ALLOW", site)
            .env("PLATEN_LOG_FORMAT", "json")
            .envs(env.iter().map(|(name, value)| (name, value)));
        let ready = |line: &str| line.contains("\"message\":\"ready\"").then_some(());
        let (program, ()) = Program::start("the converter", command, ready).await?;
        Ok(Self(program))
    }

    /// What it has printed so far.
    pub fn log(&self) -> String {
        self.0.log()
    }

    /// Kills the converter as a power cut would; its browser ends with it.
    pub async fn kill(self) -> Result<()> {
        self.0.kill().await
    }

    /// The process that it is.
    pub fn process(&self) -> Result<Process> {
        self.0.process()
    }

    /// Asks it to stop, as an init system does; returns at once.
    pub fn terminate(&self) -> Result<()> {
        self.0.signal(Signal::TERM)
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self, limit: Duration) -> Result<()> {
        self.0.ended(limit).await.map(drop)
    }
}
