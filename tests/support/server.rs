//! The real program, started for one test.

use std::{
    ffi::OsString,
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::{
    process::{Child, Command},
    sync::mpsc,
};

use crate::{Client, DataDir, Process, Site, log::Log, program, within};

/// Longest that a start may take on a busy machine, browser included.
const START: Duration = Duration::from_mins(1);

/// How a server will be started.
#[derive(Debug)]
pub struct ServerBuilder {
    env: Vec<(OsString, OsString)>,
    allow: Vec<String>,
    data: Option<DataDir>,
}

impl ServerBuilder {
    /// Lets pages load from this `host:port`, as an operator allows an intranet.
    #[must_use]
    pub fn allow(mut self, host_and_port: impl Into<String>) -> Self {
        self.allow.push(host_and_port.into());
        self
    }

    /// Sets a variable of the environment, over the ones that suit tests.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Takes over the data that another server left.
    #[must_use]
    pub fn data(mut self, data: &DataDir) -> Self {
        self.data = Some(data.clone());
        self
    }

    /// Starts the server and waits until it says that it is ready.
    pub async fn start(self) -> Result<Server> {
        let data = match self.data {
            Some(data) => data,
            None => DataDir::new()?,
        };
        let binary = program::platen()?;
        let ops = ops_address();
        let mut child = Command::new(&binary)
            .env_clear()
            .envs(program::inherited())
            .env("PLATEN_LISTEN", "127.0.0.1:0")
            .env("PLATEN_OPS_LISTEN", &ops)
            .env("PLATEN_DATA_DIR", data.path())
            .env("PLATEN_EGRESS_ALLOW", self.allow.join(","))
            // All tests come from one address.
            .env("PLATEN_SIGN_UPS_PER_HOUR", "1000")
            .env("PLATEN_SIGN_INS_PER_MINUTE", "1000")
            .envs(self.env)
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

        let mut server = Server {
            child,
            data,
            log,
            origin: String::new(),
            ops: format!("http://{ops}"),
        };
        let ready = within("the server is ready", START, async {
            loop {
                let line = lines.recv().await.context("it ended before it was ready")?;
                if let Some(origin) = origin(&line) {
                    return Ok(origin.to_owned());
                }
            }
        });
        server.origin = ready
            .await
            .with_context(|| format!("its log:\n{}", server.log.text()))?;
        Ok(server)
    }
}

/// The address in the line that a server prints once it answers.
fn origin(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("Platen is ready at ")?;
    Some(rest.split_whitespace().next()?.trim_end_matches('/'))
}

/// A loopback address that no other server of any test has, with a port of our choice: unlike the
/// public one, the operators' listener need not say which port it took.
fn ops_address() -> String {
    static SERVERS: AtomicU32 = AtomicU32::new(0);
    let [.., high, low] = std::process::id().to_be_bytes();
    let count = 2 + SERVERS.fetch_add(1, Ordering::Relaxed) % 250;
    format!("127.{high}.{low}.{count}:9090")
}

/// A running server. Dropped, it is killed with everything it started in its process group.
#[derive(Debug)]
pub struct Server {
    child: Child,
    data: DataDir,
    log: Log,
    origin: String,
    ops: String,
}

impl Server {
    pub fn builder() -> ServerBuilder {
        ServerBuilder {
            env: Vec::new(),
            allow: Vec::new(),
            data: None,
        }
    }

    /// One that may render pages of `site`.
    pub async fn for_site(site: &Site) -> Result<Self> {
        Self::builder().allow(site.authority()).start().await
    }

    /// `http://host:port` of the public listener.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// `http://host:port` of the operators' listener.
    pub fn ops(&self) -> &str {
        &self.ops
    }

    pub fn data(&self) -> &DataDir {
        &self.data
    }

    /// What it has printed so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// A client without credentials.
    pub fn client(&self) -> Result<Client> {
        Client::new(&self.origin)
    }

    /// A client of a new account.
    pub async fn user(&self, username: &str) -> Result<Client> {
        self.client()?.sign_up(username).await
    }

    /// Asks the server to stop, as an init system does; returns at once.
    pub fn terminate(&self) -> Result<()> {
        let pid = self.pid().context("it has already ended")?;
        Ok(kill_process(pid, Signal::TERM)?)
    }

    /// Waits until the server has ended by itself.
    pub async fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        let log = self.log.clone();
        within("the server ends", limit, async {
            Ok(self.child.wait().await?)
        })
        .await
        .with_context(|| format!("its log:\n{}", log.text()))
    }

    /// Kills the server as a power cut would: nothing gets to run in it any more.
    pub async fn kill(mut self) -> Result<DataDir> {
        self.child.kill().await?;
        Ok(self.data.clone())
    }

    /// Its process id, until it has ended.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The processes that it started and that are running now.
    pub fn descendants(&self) -> Result<Vec<Process>> {
        Process::descendants(self.child.id().context("it has already ended")?)
    }

    fn pid(&self) -> Option<Pid> {
        let id = i32::try_from(self.child.id()?).ok()?;
        Pid::from_raw(id)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            // It may have just ended by itself, which is as well.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
