use std::{
    io::stderr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use futures::TryStreamExt as _;
use platen_tests::eventually;
use reqwest::{Client, multipart::Form};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::rounds::{Job, Round};
use crate::processes::own_host;

/// Longest that it may take until its browser is up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Named by the environment, because there is no package of it to install.
pub(super) const PROGRAM: &str = "GOTENBERG";

/// What it looks for at its start and has no part in what is measured.
const UNUSED: [&str; 4] = [
    "EXIFTOOL_BIN_PATH",
    "PDFCPU_BIN_PATH",
    "PDFTK_BIN_PATH",
    "QPDF_BIN_PATH",
];

/// What it leaves out unless it is told to, and Platen always does: a job finds nothing of those before
/// it, and a page is printed once its network rests.
const ISOLATION: [&str; 3] = [
    "--chromium-clear-cache",
    "--chromium-clear-cookies",
    "--chromium-clear-storage",
];
const PATIENT: (&str, &str) = ("skipNetworkIdleEvent", "false");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Options {
    /// Its own.
    Default,
    /// As near to Platen's as it has them.
    Equal,
}

/// The service, asked as its documentation shows it: a form for a page.
pub(super) struct Gotenberg {
    process: Child,
    origin: String,
    client: Client,
    options: Options,
}

impl Gotenberg {
    pub(super) async fn start(
        chromium: &Path,
        concurrency: usize,
        options: Options,
    ) -> anyhow::Result<Self> {
        let program = std::env::var_os(PROGRAM)
            .with_context(|| format!("{PROGRAM} is to name the program gotenberg"))?;
        let (host, port) = (own_host(), 3000);
        let mut command = Command::new(&program);
        command
            .arg(format!("--api-bind-ip={host}"))
            .arg(format!("--api-port={port}"))
            .arg("--chromium-auto-start")
            .arg(format!("--chromium-max-concurrency={concurrency}"))
            // In its favour: by default its browser starts anew after a hundred pages.
            .arg("--chromium-restart-after=0")
            .arg("--log-level=error")
            // The one without LibreOffice does not start with its own default.
            .arg("--pdfengines-convert-engines=qpdf")
            .env("CHROMIUM_BIN_PATH", chromium)
            // No folder of hyphenation: Debian's Chromium has none.
            .env("CHROMIUM_HYPHEN_DATA_DIR_PATH", std::env::temp_dir())
            .envs(UNUSED.map(|name| (name, "/bin/true")))
            // As in its image.
            .envs(
                ["TRACES", "METRICS", "LOGS"].map(|kind| (format!("OTEL_{kind}_EXPORTER"), "none")),
            )
            .stdin(Stdio::null())
            .stdout(stderr())
            .kill_on_drop(true);
        if options == Options::Equal {
            command.args(ISOLATION);
        }
        let gotenberg = Self {
            process: command
                .spawn()
                .with_context(|| format!("starting {}", program.display()))?,
            origin: format!("http://{host}:{port}"),
            client: Client::new(),
            options,
        };
        eventually("Gotenberg is healthy", PATIENCE, async || {
            let health = gotenberg.client.get(format!("{}/health", gotenberg.origin));
            let answer = health.send().await;
            Ok(answer.ok().filter(|answer| answer.status().is_success()))
        })
        .await?;
        Ok(gotenberg)
    }

    pub(super) async fn convert(
        &self,
        urls: &[String],
        concurrency: usize,
    ) -> anyhow::Result<Round> {
        Round::of(urls, concurrency, async |url| self.job(url).await).await
    }

    /// Lets it end its browser.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.process.id().and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(Pid::from_raw).context("Gotenberg has ended")?;
        kill_process(id, Signal::TERM)?;
        self.process.wait().await?;
        Ok(())
    }

    async fn job(&self, url: &str) -> anyhow::Result<Job> {
        let started = Instant::now();
        let margins = ["marginTop", "marginRight", "marginBottom", "marginLeft"];
        let form = Form::new()
            .text("url", url.to_owned())
            .text("paperWidth", "21cm")
            .text("paperHeight", "29.7cm")
            .text("printBackground", "true")
            .text("generateTaggedPdf", "true")
            .text("generateDocumentOutline", "true");
        let form = margins
            .into_iter()
            .fold(form, |form, margin| form.text(margin, "1cm"));
        let form = match self.options {
            Options::Default => form,
            Options::Equal => form.text(PATIENT.0, PATIENT.1),
        };
        let convert = format!("{}/forms/chromium/convert/url", self.origin);
        let answer = self.client.post(convert).multipart(form).send().await?;
        let mut pdf = answer.error_for_status()?.bytes_stream();
        let mut bytes = 0;
        while let Some(chunk) = pdf.try_next().await? {
            bytes += chunk.len() as u64;
        }
        Ok(Job {
            took: started.elapsed(),
            bytes,
            steps: None,
        })
    }
}
