use std::{
    os::unix::fs::{PermissionsExt as _, chown},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::conversions::rounds::{Job, Round, Steps};

/// The user `nobody`: as root, the peer is as unprivileged as our browser, and has its sandbox too.
const NOBODY: u32 = 65534;

/// puppeteer-core in a Node process of its own.
pub(crate) struct Puppeteer {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _home: tempfile::TempDir,
}

/// The browser is up.
#[derive(Deserialize)]
struct Ready {}

#[derive(Deserialize)]
struct Answer {
    milliseconds: f64,
    jobs: Vec<AnsweredJob>,
}

#[derive(Deserialize)]
struct AnsweredJob {
    open: f64,
    load: f64,
    print: f64,
    bytes: u64,
}

impl Puppeteer {
    pub(crate) async fn start(chromium: &Path) -> anyhow::Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("platen-bench-peer-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir()?;
        let mut command = Command::new("node");
        command
            .arg("puppeteer.mjs")
            .arg(chromium)
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if rustix::process::geteuid().is_root() {
            chown(home.path(), Some(NOBODY), Some(NOBODY))?;
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut process = command.spawn().context("starting node")?;
        let input = process.stdin.take().context("no input")?;
        let output = process.stdout.take().context("no output")?;
        let mut peer = Self {
            process,
            input,
            output: BufReader::new(output).lines(),
            _home: home,
        };
        peer.read::<Ready>().await?;
        Ok(peer)
    }

    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.input);
        self.process.wait().await?;
        Ok(())
    }

    async fn read<T: DeserializeOwned>(&mut self) -> anyhow::Result<T> {
        let line = self
            .output
            .next_line()
            .await?
            .context("the peer has ended")?;
        Ok(serde_json::from_str(&line)?)
    }

    pub(crate) async fn convert(
        &mut self,
        urls: &[String],
        concurrency: usize,
    ) -> anyhow::Result<Round> {
        let mut order = serde_json::to_vec(&serde_json::json!({
            "urls": urls,
            "concurrency": concurrency,
        }))?;
        order.push(b'\n');
        self.input.write_all(&order).await?;
        let answer: Answer = self.read().await?;
        ensure!(answer.jobs.len() == urls.len(), "the peer lost a page");
        Ok(Round {
            took: milliseconds(answer.milliseconds),
            jobs: answer
                .jobs
                .into_iter()
                .map(|job| Job {
                    took: milliseconds(job.open + job.load + job.print),
                    bytes: job.bytes,
                    steps: Some(Steps {
                        open: milliseconds(job.open),
                        load: milliseconds(job.load),
                        print: milliseconds(job.print),
                    }),
                })
                .collect(),
        })
    }
}

fn milliseconds(number: f64) -> Duration {
    Duration::from_secs_f64(number / 1000.0)
}
