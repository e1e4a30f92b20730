//! What a measurement writes down, in Markdown.

use std::{
    fs,
    io::{Write as _, stdout},
    path::Path,
    process::Command,
    thread::available_parallelism,
};

use anyhow::Context as _;

use crate::stats::mib;

/// A text that grows while it is measured. Every line is printed as it comes.
#[derive(Debug, Default)]
pub(crate) struct Report(String);

impl Report {
    /// `how`: what is measured against what, and in which unit, for someone who reads only this.
    pub(crate) fn new(title: &str, how: &str) -> anyhow::Result<Self> {
        let mut report = Self::default();
        report.line(&format!("# {title}\n"))?;
        report.line(&format!("Written by `bench/run`. {how}\n"))?;
        report.fact("Machine", &machine())?;
        Ok(report)
    }

    /// Something the numbers depend on.
    pub(crate) fn fact(&mut self, name: &str, value: &str) -> anyhow::Result<()> {
        self.line(&format!("- {name}: {value}"))
    }

    pub(crate) fn heading(&mut self, text: &str) -> anyhow::Result<()> {
        self.line(&format!("\n## {text}"))
    }

    pub(crate) fn paragraph(&mut self, text: &str) -> anyhow::Result<()> {
        self.line(&format!("\n{text}"))
    }

    /// Begins a table.
    pub(crate) fn table<const N: usize>(&mut self, columns: [&str; N]) -> anyhow::Result<()> {
        self.line("")?;
        self.row(&columns)?;
        self.line(&format!("|{}", "---|".repeat(N)))
    }

    pub(crate) fn row(&mut self, cells: &[impl AsRef<str>]) -> anyhow::Result<()> {
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        self.line(&format!("| {} |", cells.join(" | ")))
    }

    pub(crate) fn save(self, out: &Path) -> anyhow::Result<()> {
        fs::write(out, self.0).with_context(|| format!("writing {}", out.display()))
    }

    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(stdout(), "{line}")?;
        self.0.push_str(line);
        self.0.push('\n');
        Ok(())
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
    let memory = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|info| {
            let total = info
                .lines()
                .find_map(|line| line.strip_prefix("MemTotal:"))?;
            total.trim().trim_end_matches(" kB").parse().ok()
        })
        .map_or(0.0, |kib| mib(kib) / 1024.0);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cpus} × {model}, {memory:.0} GiB, Linux {}", kernel.trim())
}

/// The browser's version, as it says it.
pub(crate) fn version(chromium: &Path) -> anyhow::Result<String> {
    let output = Command::new(chromium)
        .arg("--version")
        .output()
        .with_context(|| format!("running {}", chromium.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
