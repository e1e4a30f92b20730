//! What a user of the standalone product waits for, and what it takes while nobody does: from
//! `POST /request` to the event that says `ready`, and resident memory without the browser.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use platen_tests::{Client, Events, Server, Site};

/// Jobs before those that count.
const WARM_UP: usize = 5;

/// Measures the product as a user meets it.
#[derive(Debug, Parser)]
struct Arguments {
    /// Requests, one after the other.
    #[arg(long, default_value_t = 100)]
    requests: usize,
    /// Where the table is written.
    #[arg(long, default_value = "results/product.md")]
    out: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let idle = resident_kib(&server)?;

    let user = server.user("ada").await?;
    let mut events = user.events(None).await?;
    let url = site.url("/simple");
    for _ in 0..WARM_UP {
        request_to_ready(&user, &url, &mut events).await?;
    }
    let mut times = Vec::with_capacity(arguments.requests);
    for _ in 0..arguments.requests {
        times.push(request_to_ready(&user, &url, &mut events).await?);
    }
    times.sort_unstable();
    let report = format!(
        "# The standalone product\n\n\
         Written by `bench/run`: {} requests of one small page, one after the other.\n\n\
         | what | p50 | p95 |\n|---|---|---|\n\
         | `POST /request` to the event `ready` | {:.0} ms | {:.0} ms |\n\n\
         Resident memory of the server without the browser: {:.0} MiB after start, {:.0} MiB after the run.\n",
        times.len(),
        milliseconds(percentile(&times, 50)),
        milliseconds(percentile(&times, 95)),
        mib(idle),
        mib(resident_kib(&server)?),
    );
    write!(std::io::stdout(), "{report}")?;
    fs::write(&arguments.out, report)
        .with_context(|| format!("writing {}", arguments.out.display()))
}

async fn request_to_ready(
    user: &Client,
    url: &str,
    events: &mut Events,
) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let file = user.request(url).await?;
    loop {
        let event = events.next().await?;
        if event.data["id"] != file["id"] {
            continue;
        }
        match event.data["status"].as_str() {
            Some("ready") => return Ok(started.elapsed()),
            status => ensure!(status != Some("failed"), "failed: {}", event.data),
        }
    }
}

fn resident_kib(server: &Server) -> anyhow::Result<u32> {
    let id = server.id().context("the server has ended")?;
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no resident size")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// The smallest time that `percent` of all do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn mib(kib: u32) -> f64 {
    f64::from(kib) / 1024.0
}
