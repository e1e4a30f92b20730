//! Who is measured: programs of their own, so that what each of them uses can be told apart.

use std::{
    os::unix::fs::{PermissionsExt as _, chown},
    path::Path,
    process::Stdio,
};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use serde::{Deserialize, de::DeserializeOwned};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::rounds::{Order, Round};

/// The user `nobody`: as root, a peer is as unprivileged as our browser, and has its sandbox too.
const NOBODY: u32 = 65534;

/// Another client of the same Chromium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    /// The event-driven client of most PDF services.
    PuppeteerCore,
    /// The crate whose typed commands we send over a transport of our own, with its own transport.
    HeadlessChrome,
    /// The service for the same job, over HTTP as it is used. The environment's `GOTENBERG` names the program.
    Gotenberg,
    /// The same, told to isolate jobs and to wait for the network.
    GotenbergEqual,
}

/// Who converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Platen,
    Peer(Peer),
}

impl Name {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Platen => "Platen",
            Self::Peer(Peer::PuppeteerCore) => "puppeteer-core",
            Self::Peer(Peer::HeadlessChrome) => "headless_chrome",
            Self::Peer(Peer::Gotenberg) => "Gotenberg",
            Self::Peer(Peer::GotenbergEqual) => "Gotenberg, equal",
        }
    }

    /// Takes seconds for a page that takes others milliseconds: it gets fewer of them.
    pub(crate) fn is_slow(self) -> bool {
        self == Self::Peer(Peer::HeadlessChrome)
    }
}

/// What a contender has to know before the first page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) chromium: &'a Path,
    /// Where the pages are.
    pub(crate) site_port: u16,
    /// Pages at a time, at the most.
    pub(crate) concurrency: usize,
}

/// One that was started. It ends when this is dropped, because its input does.
pub(crate) struct Contender {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _home: TempDir,
}

/// The browser is up.
#[derive(Deserialize)]
struct Ready {}

impl Contender {
    pub(crate) async fn start(name: Name, setting: Setting<'_>) -> anyhow::Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("platen-bench-")
            .permissions(std::fs::Permissions::from_mode(0o711))
            .tempdir()?;
        let mut command = match name {
            Name::Platen => in_rust("platen", setting)?,
            Name::Peer(Peer::HeadlessChrome) => in_rust("headless-chrome", setting)?,
            Name::Peer(Peer::Gotenberg) => in_rust("gotenberg", setting)?,
            Name::Peer(Peer::GotenbergEqual) => in_rust("gotenberg-equal", setting)?,
            Name::Peer(Peer::PuppeteerCore) => puppeteer(setting, home.path())?,
        };
        let mut process = command
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", name.as_str()))?;
        let input = process.stdin.take().context("no input")?;
        let output = process.stdout.take().context("no output")?;
        let mut contender = Self {
            process,
            input,
            output: BufReader::new(output).lines(),
            _home: home,
        };
        let Ready {} = contender.read().await?;
        Ok(contender)
    }

    /// Of its process, below which are all others of its.
    pub(crate) fn id(&self) -> anyhow::Result<u32> {
        self.process.id().context("the contender has ended")
    }

    /// Converts all of `urls`, `concurrency` at a time.
    pub(crate) async fn convert(
        &mut self,
        urls: &[String],
        concurrency: usize,
    ) -> anyhow::Result<Round> {
        let mut order = serde_json::to_vec(&Order {
            urls: urls.to_vec(),
            concurrency,
        })?;
        order.push(b'\n');
        self.input.write_all(&order).await?;
        let round: Round = self.read().await?;
        ensure!(round.jobs.len() == urls.len(), "the contender lost a page");
        Ok(round)
    }

    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.input);
        let status = self.process.wait().await?;
        ensure!(status.success(), "the contender ended with {status}");
        Ok(())
    }

    async fn read<T: DeserializeOwned>(&mut self) -> anyhow::Result<T> {
        let line = self.output.next_line().await?;
        let line = line.context("the contender has ended; it says why")?;
        Ok(serde_json::from_str(&line)?)
    }
}

/// This program as a contender.
fn in_rust(name: &str, setting: Setting<'_>) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["contender", name, "--chromium"])
        .arg(setting.chromium)
        .arg(format!("--site-port={}", setting.site_port))
        .arg(format!("--concurrency={}", setting.concurrency));
    Ok(command)
}

fn puppeteer(setting: Setting<'_>, home: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new("node");
    command.arg("puppeteer.mjs").arg(setting.chromium);
    if rustix::process::geteuid().is_root() {
        chown(home, Some(NOBODY), Some(NOBODY))?;
        command.uid(NOBODY).gid(NOBODY);
    }
    Ok(command)
}
