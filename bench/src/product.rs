//! What a user of the standalone product waits for, and what it takes while nobody does: from
//! `POST /request` to the event that says `ready`, and resident memory without the browser.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Args;
use platen_tests::{Client, Events, Server, Site};

use crate::{
    report::Report,
    stats::{Times, mib, ms},
};

/// Jobs before those that count.
const WARM_UP: usize = 5;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Requests, one after the other.
    #[arg(long, default_value_t = 100)]
    requests: usize,
    /// Where the table is written.
    #[arg(long, default_value = "results/product.md")]
    out: PathBuf,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let idle = resident_kib(&server)?;

    let user = server.user("ada").await?;
    let mut events = user.events(None).await?;
    let url = site.url("/simple");
    for _ in 0..WARM_UP {
        request_to_ready(&user, &url, &mut events).await?;
    }
    let mut times = Vec::with_capacity(options.requests);
    for _ in 0..options.requests {
        times.push(request_to_ready(&user, &url, &mut events).await?.took);
    }
    let times: Times = times.into_iter().collect();

    let mut report = Report::new(
        "The standalone product",
        &format!(
            "{} requests of one small page, one after the other.",
            options.requests
        ),
    )?;
    report.table(["what", "p50, ms", "p95, ms"])?;
    report.row(&[
        "`POST /request` to the event `ready`".to_owned(),
        ms(times.p50()),
        ms(times.percentile(95)),
    ])?;
    report.paragraph(&format!(
        "Resident memory of the server without the browser: {:.0} MiB after start, {:.0} MiB after \
         the run.",
        mib(idle),
        mib(resident_kib(&server)?),
    ))?;
    report.save(&options.out)
}

/// A request that became a file.
pub(crate) struct Timed {
    /// When the request was answered.
    pub(crate) answered: Instant,
    /// From the beginning of the request to the arrival of the event that says `ready`.
    pub(crate) took: Duration,
}

/// Requests a page and waits for the event.
pub(crate) async fn request_to_ready(
    user: &Client,
    url: &str,
    events: &mut Events,
) -> anyhow::Result<Timed> {
    let started = Instant::now();
    let file = user.request(url).await?;
    let answered = Instant::now();
    loop {
        let event = events.next().await?;
        if event.data["id"] != file["id"] {
            continue;
        }
        match event.data["status"].as_str() {
            Some("ready") => {
                return Ok(Timed {
                    answered,
                    took: started.elapsed(),
                });
            }
            status => ensure!(status != Some("failed"), "failed: {}", event.data),
        }
    }
}

fn resident_kib(server: &Server) -> anyhow::Result<u64> {
    let id = server.id().context("the server has ended")?;
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no resident size")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
