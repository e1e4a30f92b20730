//! Conversions side by side: this renderer, with proxy, isolation and checks on, and another client
//! without a proxy, over the same pages on the same Chromium, in alternating rounds of one run.

mod ours;
mod peer;
mod rounds;

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use clap::Args;

pub(crate) use self::{
    ours::Ours,
    rounds::{Job, Round},
};
use self::{
    peer::{Peer, PeerName},
    rounds::{Comparison, Figures, Steps},
};
use crate::{
    report::{Report, version},
    site::{PageSet, Site},
    stats::{ms, ratio},
};

/// Pages converted before those that count.
const WARM_UP: usize = 4;

#[derive(Debug, Args)]
pub(crate) struct Options {
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

/// Converts all of `urls`, `concurrency` at a time.
pub(crate) trait Contender {
    async fn convert(&mut self, urls: &[String], concurrency: usize) -> anyhow::Result<Round>;
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let site = Site::with_docs(&options.docs).await?;
    let mut report = begin(&options)?;
    for &concurrency in &options.concurrency {
        // Both start anew for every setting, so that neither carries wear from one to the next.
        let mut ours = Ours::start(&options.chromium, site.port(), concurrency).await?;
        let mut peer = options.peer.start(&options.chromium).await?;
        for &set in &options.sets {
            let urls = site.urls(set);
            let compared = compare(&urls, options.rounds, concurrency, &mut ours, &mut peer)
                .await
                .with_context(|| format!("{set} at {concurrency}"))?;
            add(&mut report, set, concurrency, &compared)?;
        }
        ours.stop().await;
        peer.stop().await?;
    }
    let out = options
        .out
        .unwrap_or_else(|| format!("results/{}.md", options.peer.as_str()).into());
    report.save(&out)
}

async fn compare(
    urls: &[String],
    rounds: usize,
    concurrency: usize,
    ours: &mut Ours,
    peer: &mut Peer,
) -> anyhow::Result<Comparison> {
    let warm_up = &urls[..urls.len().min(WARM_UP)];
    ours.convert(warm_up, concurrency).await?;
    peer.convert(warm_up, concurrency).await?;
    let mut compared = Comparison::default();
    for round in 0..rounds {
        // Whoever goes second finds a warmer machine: take turns.
        if round % 2 == 0 {
            compared.ours.push(ours.convert(urls, concurrency).await?);
            compared.peer.push(peer.convert(urls, concurrency).await?);
        } else {
            compared.peer.push(peer.convert(urls, concurrency).await?);
            compared.ours.push(ours.convert(urls, concurrency).await?);
        }
    }
    Ok(compared)
}

fn begin(options: &Options) -> anyhow::Result<Report> {
    let peer = options.peer.as_str();
    let mut report = Report::new(
        &format!("Conversions against {peer}"),
        "Ours runs as in the product: egress proxy, a context per job, checks, SHA-256. The peer \
         has no proxy.\nBoth have a warm browser. Throughput is the median of the rounds, times are \
         over all jobs.",
    )?;
    report.fact("Chromium", &version(&options.chromium)?)?;
    report.fact(peer, &release(options.peer))?;
    report.table([
        "pages",
        "at a time",
        "ours, pages/s",
        "peer, pages/s",
        "ratio (more is better)",
        "ours, p50 ms",
        "peer, p50 ms",
        "ratio (less is better)",
        "ours, p95 ms",
        "peer, p95 ms",
        "ours, KiB",
        "peer, KiB",
        "peer, ms to open a tab, load, print",
    ])?;
    Ok(report)
}

fn add(
    report: &mut Report,
    set: PageSet,
    concurrency: usize,
    compared: &Comparison,
) -> anyhow::Result<()> {
    let ours = Figures::of(&compared.ours);
    let peer = Figures::of(&compared.peer);
    report.row(&[
        set.to_string(),
        concurrency.to_string(),
        format!("{:.2}", ours.pages_per_second),
        format!("{:.2}", peer.pages_per_second),
        format!("**{:.2}**", ours.pages_per_second / peer.pages_per_second),
        ms(ours.times.p50()),
        ms(peer.times.p50()),
        format!("**{:.2}**", ratio(ours.times.p50(), peer.times.p50())),
        ms(ours.times.percentile(95)),
        ms(peer.times.percentile(95)),
        (ours.bytes / 1024).to_string(),
        (peer.bytes / 1024).to_string(),
        peer.steps.map(steps).unwrap_or_default(),
    ])
}

fn steps(steps: Steps) -> String {
    [steps.open, steps.load, steps.print].map(ms).join(", ")
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
