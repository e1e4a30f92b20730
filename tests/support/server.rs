//! The real program, started for one test.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::ExitStatus,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result};
use rustix::process::Signal;

use crate::{
    Client, DataDir, Process, Site,
    disk::on_small_disk,
    program::{self, Program},
};

/// How a server will be started.
#[derive(Debug)]
pub struct ServerBuilder {
    env: Vec<(OsString, OsString)>,
    allow: Vec<String>,
    data: Option<DataDir>,
    /// Megabytes that fit into the data folder.
    disk: Option<u32>,
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

    /// Gives the data folder a file system of its own, which goes with the server:
    /// [`Server::disk`].
    #[must_use]
    pub fn disk(mut self, megabytes: u32) -> Self {
        self.disk = Some(megabytes);
        self
    }

    /// Starts the server and waits until it says that it is ready.
    pub async fn start(self) -> Result<Server> {
        let data = match self.data {
            Some(data) => data,
            None => DataDir::new()?,
        };
        let ops = ops_address();
        let binary = program::platen()?;
        let mut command = match self.disk {
            Some(megabytes) => on_small_disk(data.path(), megabytes, &binary),
            None => program::command(&binary),
        };
        command
            .env("PLATEN_LISTEN", "127.0.0.1:0")
            .env("PLATEN_OPS_LISTEN", &ops)
            .env("PLATEN_DATA_DIR", data.path())
            .env("PLATEN_EGRESS_ALLOW", self.allow.join(","))
            // All tests come from one address.
            .env("PLATEN_SIGN_UPS_PER_HOUR", "1000")
            .env("PLATEN_SIGN_INS_PER_MINUTE", "1000")
            .envs(self.env);
        let ready = |line: &str| origin(line).map(str::to_owned);
        let (program, origin) = Program::start("the server", command, ready).await?;
        Ok(Server {
            program,
            data,
            origin,
            ops: format!("http://{ops}"),
        })
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
    program: Program,
    data: DataDir,
    origin: String,
    ops: String,
}

impl Server {
    pub fn builder() -> ServerBuilder {
        ServerBuilder {
            env: Vec::new(),
            allow: Vec::new(),
            data: None,
            disk: None,
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

    /// Its data folder as it sees it, also when that is a file system of its own.
    pub fn disk(&self) -> Result<PathBuf> {
        let id = self.id().context("it has already ended")?;
        let root = PathBuf::from(format!("/proc/{id}/root"));
        Ok(root.join(self.data.path().strip_prefix("/")?))
    }

    /// What it has printed so far.
    pub fn log(&self) -> String {
        self.program.log()
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
        self.program.signal(Signal::TERM)
    }

    /// Waits until the server has ended by itself.
    pub async fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.program.ended(limit).await
    }

    /// Kills the server as a power cut would: nothing gets to run in it any more.
    pub async fn kill(self) -> Result<DataDir> {
        self.program.kill().await?;
        Ok(self.data)
    }

    /// Its process id, until it has ended.
    pub fn id(&self) -> Option<u32> {
        self.program.id()
    }

    /// The processes that it started and that are running now.
    pub fn descendants(&self) -> Result<Vec<Process>> {
        self.program.descendants()
    }
}
