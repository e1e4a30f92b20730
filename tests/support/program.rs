//! The programs under test: where they are, and what each of them is while it runs.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::{
    process::{Child, Command},
    sync::mpsc,
};

use crate::{Process, log::Log, within};

/// Longest that a start may take on a busy machine, browser included.
const START: Duration = Duration::from_mins(1);

/// What programs get of the environment of the tests.
const INHERITED: [&str; 3] = ["PATH", "HOME", "PLATEN_CHROMIUM"];

fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    INHERITED
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// `PLATEN_BIN`, or the release build of this workspace.
pub(crate) fn platen() -> Result<PathBuf> {
    find("PLATEN_BIN", "platen")
}

/// The program as somebody calls it who has set nothing.
pub fn platen_command() -> Result<Command> {
    Ok(command(&platen()?))
}

/// `PLATEN_CONVERTER_BIN`, or the release build of this workspace.
pub(crate) fn converter() -> Result<PathBuf> {
    find("PLATEN_CONVERTER_BIN", "bootstrap")
}

fn find(variable: &str, name: &str) -> Result<PathBuf> {
    let path = std::env::var_os(variable).map_or_else(
        || {
            let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release");
            PathBuf::from(built).join(name)
        },
        PathBuf::from,
    );
    ensure!(
        path.is_file(),
        "no program at {}: run `make test`, or `make build` and set {variable}",
        path.display()
    );
    Ok(path)
}

/// Runs a program with next to nothing of the environment of the tests.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(inherited());
    command
}

/// A running program. Dropped, it is killed with everything it started in its process group.
#[derive(Debug)]
pub(crate) struct Program {
    /// What errors call it.
    name: &'static str,
    child: Child,
    log: Log,
}

impl Program {
    /// Starts it and waits for the line in which `ready` finds something.
    pub(crate) async fn start<T>(
        name: &'static str,
        mut command: Command,
        ready: impl Fn(&str) -> Option<T>,
    ) -> Result<(Self, T)> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} does not start: {command:?}"))?;
        let log = Log::default();
        let (found, mut lines) = mpsc::unbounded_channel();
        log.follow(child.stdout.take(), found.clone());
        log.follow(child.stderr.take(), found);
        let program = Self { name, child, log };
        let what = format!("{name} is ready");
        let said = within(&what, START, async {
            loop {
                let line = lines.recv().await.context("it ended before it was ready")?;
                if let Some(said) = ready(&line) {
                    return Ok(said);
                }
            }
        });
        let said = program.explained(said.await)?;
        Ok((program, said))
    }

    /// An error that shows what the program has printed.
    fn explained<T>(&self, result: Result<T>) -> Result<T> {
        result.with_context(|| format!("the log of {}:\n{}", self.name, self.log.text()))
    }

    /// What it has printed so far.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// Its process id, until it has ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.id()?).ok()?)
    }

    /// The processes that it started and that are running now.
    pub(crate) fn descendants(&self) -> Result<Vec<Process>> {
        Process::descendants(self.id().context("it has already ended")?)
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        let pid = self.pid().context("it has already ended")?;
        Ok(kill_process(pid, signal)?)
    }

    pub(crate) fn process(&self) -> Result<Process> {
        Process::running(self.id().context("it has already ended")?)
    }

    /// Kills it as a power cut would: nothing gets to run in it any more.
    pub(crate) async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        let what = format!("{} ends", self.name);
        let ended = within(&what, limit, async { Ok(self.child.wait().await?) }).await;
        self.explained(ended)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            // It may have just ended by itself, which is as well.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
