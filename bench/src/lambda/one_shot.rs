//! The browser's own command line.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use tokio::process::Command;

/// Prints `url` and returns how long the browser took, from its start to its end.
pub(super) async fn print(chromium: &Path, url: &str) -> anyhow::Result<Duration> {
    // A profile of an earlier run would spare it work.
    let home = tempfile::TempDir::with_prefix("platen-bench-")?;
    let pdf = home.path().join("page.pdf");
    let mut command = Command::new(chromium);
    command
        .args(["--headless", "--no-sandbox"])
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(url)
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let started = Instant::now();
    let mut child = command.spawn().context("starting the browser")?;
    let status = child.wait().await?;
    let took = started.elapsed();
    ensure!(status.success(), "the browser ended with {status}");
    let bytes = std::fs::read(&pdf).context("the browser wrote no PDF")?;
    ensure!(bytes.starts_with(b"%PDF-"), "the browser wrote no PDF");
    Ok(took)
}
