//! Conversions side by side: this renderer, with proxy, isolation and checks on, and another client
//! without a proxy, over the same pages on the same Chromium, in alternating rounds of one run.

mod ours;
mod peer;
mod report;
mod site;
mod stats;

use std::{io::Write as _, path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Parser;

use crate::{
    ours::Ours,
    peer::{Peer, PeerName},
    report::Report,
    site::{PageSet, Site},
    stats::{Comparison, Round},
};

/// Compares conversions with those of another client.
#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long, value_enum, default_value = "puppeteer-core")]
    peer: PeerName,
    /// Directory of the Rust documentation, as `rustup doc --path` names its index.
    #[arg(long)]
    docs: PathBuf,
    /// The Chromium that both use.
    #[arg(long, default_value = "/usr/bin/chromium-headless-shell")]
    chromium: PathBuf,
    /// Rounds of each contender in each setting.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Jobs at a time, one setting each.
    #[arg(long, value_delimiter = ',', default_value = "1,2,4")]
    concurrency: Vec<usize>,
    /// Page sets to run; all when left out.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "trivial,mixed"
    )]
    sets: Vec<PageSet>,
    /// Where the table is written: `results/<peer>.md` when left out.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// A contender under measurement.
trait Contender {
    async fn convert(&mut self, urls: &[String], concurrency: usize) -> anyhow::Result<Round>;
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .init();
    let arguments = Arguments::parse();
    let site = Site::start(&arguments.docs).await?;
    let mut report = Report::new(arguments.peer, &arguments.chromium)?;
    for &concurrency in &arguments.concurrency {
        // Both start anew for every setting, so that neither carries wear from one to the next.
        let mut ours = Ours::start(&arguments.chromium, site.port(), concurrency).await?;
        let mut peer = arguments.peer.start(&arguments.chromium).await?;
        for &set in &arguments.sets {
            let compared = compare(&arguments, &site, set, concurrency, &mut ours, &mut peer)
                .await
                .with_context(|| format!("{set} at {concurrency}"))?;
            let line = report.add(set, concurrency, &compared);
            writeln!(std::io::stdout(), "{line}")?;
        }
        ours.stop().await;
        peer.stop().await?;
    }
    let out = arguments
        .out
        .unwrap_or_else(|| format!("results/{}.md", arguments.peer.as_str()).into());
    std::fs::write(&out, report.to_string())
        .with_context(|| format!("writing {}", out.display()))?;
    Ok(())
}

async fn compare(
    arguments: &Arguments,
    site: &Site,
    set: PageSet,
    concurrency: usize,
    ours: &mut Ours,
    peer: &mut Peer,
) -> anyhow::Result<Comparison> {
    let urls = site.urls(set);
    let warm_up = &urls[..urls.len().min(4)];
    ours.convert(warm_up, concurrency).await?;
    peer.convert(warm_up, concurrency).await?;
    let mut compared = Comparison::default();
    for round in 0..arguments.rounds {
        // Whoever goes second finds a warmer machine: take turns.
        if round % 2 == 0 {
            compared.ours.push(ours.convert(&urls, concurrency).await?);
            compared.peer.push(peer.convert(&urls, concurrency).await?);
        } else {
            compared.peer.push(peer.convert(&urls, concurrency).await?);
            compared.ours.push(ours.convert(&urls, concurrency).await?);
        }
    }
    Ok(compared)
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
