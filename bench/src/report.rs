use std::{
    fmt::{self, Write as _},
    fs,
    path::Path,
    process::Command,
    thread::available_parallelism,
    time::Duration,
};

use anyhow::Context as _;

use crate::{
    peer::PeerName,
    seconds,
    site::PageSet,
    stats::{Comparison, Figures, Steps},
};

/// The table of a run.
#[derive(Debug)]
pub(crate) struct Report {
    peer: PeerName,
    chromium: String,
    rows: String,
}

impl Report {
    pub(crate) fn new(peer: PeerName, chromium: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            peer,
            chromium: version(chromium)?,
            rows: String::new(),
        })
    }

    /// Adds a setting. Returns its row.
    pub(crate) fn add(
        &mut self,
        set: PageSet,
        concurrency: usize,
        compared: &Comparison,
    ) -> String {
        let ours = Figures::of(&compared.ours);
        let peer = Figures::of(&compared.peer);
        let row = format!(
            "| {set} | {concurrency} | {:.2} | {:.2} | **{:.2}** | {:.0} | {:.0} | **{:.2}** | {:.0} | {:.0} | {} | {} | {} |",
            ours.pages_per_second,
            peer.pages_per_second,
            ours.pages_per_second / peer.pages_per_second,
            seconds(ours.p50) * 1000.0,
            seconds(peer.p50) * 1000.0,
            seconds(ours.p50) / seconds(peer.p50),
            seconds(ours.p95) * 1000.0,
            seconds(peer.p95) * 1000.0,
            ours.bytes / 1024,
            peer.bytes / 1024,
            steps(peer.steps),
        );
        // Writing to a string does not fail.
        let _ = writeln!(self.rows, "{row}");
        row
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peer = self.peer.as_str();
        writeln!(f, "# Conversions against {peer}\n")?;
        writeln!(
            f,
            "Written by `bench/run`. Ours runs as in the product: egress proxy, a context per job, \
             checks, SHA-256. The peer has no proxy.\nBoth have a warm browser. Throughput is the \
             median of the rounds, times are over all jobs.\n"
        )?;
        writeln!(f, "- Machine: {}", machine())?;
        writeln!(f, "- Chromium: {}", self.chromium)?;
        writeln!(f, "- {peer}: {}\n", release(self.peer))?;
        writeln!(
            f,
            "| pages | at a time | ours, pages/s | peer, pages/s | ratio (more is better) | ours, p50 ms | peer, p50 ms \
             | ratio (less is better) | ours, p95 ms | peer, p95 ms | ours, KiB | peer, KiB \
             | peer, ms to open a tab, load, print |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|---|---|---|---|")?;
        f.write_str(&self.rows)
    }
}

fn machine() -> String {
    let cpus = available_parallelism().map_or(0, std::num::NonZero::get);
    let model = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|info| {
            let line = info.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_default();
    format!("{cpus} × {model}")
}

fn steps(steps: Option<Steps>) -> String {
    let Some(steps) = steps else {
        return String::new();
    };
    let ms = |step: Duration| seconds(step) * 1000.0;
    format!(
        "{:.0}, {:.0}, {:.0}",
        ms(steps.open),
        ms(steps.load),
        ms(steps.print)
    )
}

/// As the browser says it.
fn version(chromium: &Path) -> anyhow::Result<String> {
    let output = Command::new(chromium)
        .arg("--version")
        .output()
        .with_context(|| format!("running {}", chromium.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The version that is locked.
fn release(peer: PeerName) -> String {
    let version = match peer {
        PeerName::PuppeteerCore => fs::read_to_string("node_modules/puppeteer-core/package.json")
            .ok()
            .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
            .and_then(|package| package.get("version")?.as_str().map(str::to_owned)),
        PeerName::HeadlessChrome => fs::read_to_string("../Cargo.lock").ok().and_then(|lock| {
            let (_, rest) = lock.split_once("name = \"headless_chrome\"\nversion = \"")?;
            Some(rest.split_once('"')?.0.to_owned())
        }),
    };
    version.unwrap_or_default()
}
