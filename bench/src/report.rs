use std::{
    fmt::{self, Write as _},
    fs,
    thread::available_parallelism,
};

use crate::{
    seconds,
    site::PageSet,
    stats::{Comparison, Figures},
};

/// The table of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    chromium: String,
    rows: String,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn versions(&mut self, chromium: &str) {
        chromium.clone_into(&mut self.chromium);
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
            "| {set} | {concurrency} | {:.2} | {:.2} | **{:.2}** | {:.0} | {:.0} | **{:.2}** | {:.0} | {:.0} | {} | {} |",
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
        );
        // Writing to a string does not fail.
        let _ = writeln!(self.rows, "{row}");
        row
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Conversions against puppeteer-core\n")?;
        writeln!(
            f,
            "Written by `bench/run`. Ours runs as in the product: egress proxy, a context per job, \
             checks, SHA-256. The peer has no proxy.\nBoth have a warm browser with its sandbox. \
             Throughput is the median of the rounds, times are over all jobs.\n"
        )?;
        writeln!(f, "- Machine: {}", machine())?;
        writeln!(f, "- Chromium: {}", self.chromium)?;
        writeln!(f, "- puppeteer-core: {}\n", puppeteer())?;
        writeln!(
            f,
            "| pages | at a time | ours, pages/s | peer, pages/s | ratio (more is better) | ours, p50 ms | peer, p50 ms \
             | ratio (less is better) | ours, p95 ms | peer, p95 ms | ours, KiB | peer, KiB |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|---|---|---|")?;
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

fn puppeteer() -> String {
    fs::read_to_string("node_modules/puppeteer-core/package.json")
        .ok()
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .and_then(|package| package.get("version")?.as_str().map(str::to_owned))
        .unwrap_or_default()
}
