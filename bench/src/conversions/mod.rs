//! Conversions side by side: this renderer, with proxy, isolation and checks on, and other clients
//! of the same Chromium, over the same pages, in turns of one run.

mod contender;
mod gotenberg;
mod headless_chrome;
mod ours;
mod plot;
mod rounds;
mod tables;
pub(crate) mod worker;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use self::{
    contender::Peer,
    rounds::{Figures, Round},
    tables::Tables,
};
pub(crate) use self::{
    contender::{Contender, Name, Setting},
    ours::Ours,
};
use crate::{
    processes::Meter,
    site::{PageSet, SiteApart},
    stats::mib,
};

/// Pages converted before those that count.
const WARM_UP: usize = 6;

/// Pages that a slow contender gets in a round, at the most.
const SLOW_PAGES: usize = 12;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Whom to compare with.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "puppeteer-core,headless-chrome"
    )]
    peers: Vec<Peer>,
    /// Directory of the Rust documentation, as `rustup doc --path` names its index.
    #[arg(long)]
    docs: PathBuf,
    /// The Chromium that all use.
    #[arg(long, default_value = "/usr/bin/chromium-headless-shell")]
    chromium: PathBuf,
    /// Rounds of each contender in each setting.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Jobs at a time, one setting each.
    #[arg(long, value_delimiter = ',', default_value = "1,2,4,6")]
    concurrency: Vec<usize>,
    /// Page sets to run; all when left out.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "trivial,mixed"
    )]
    sets: Vec<PageSet>,
    /// Where the tables are written, and beside them the plot.
    #[arg(long, default_value = "results/conversions.md")]
    out: PathBuf,
}

/// What came of one contender in one setting.
struct Outcome {
    set: PageSet,
    concurrency: usize,
    name: Name,
    figures: Figures,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let site = SiteApart::start(&options.docs).await?;
    let mut tables = Tables::begin(&options)?;
    let mut outcomes = Vec::new();
    for &concurrency in &options.concurrency {
        let setting = Setting {
            chromium: &options.chromium,
            site_port: site.port(),
            concurrency,
        };
        // All start anew for every setting, so that none carries wear from one to the next.
        let mut lanes = Vec::new();
        for name in names(&options.peers) {
            lanes.push(Lane::start(name, setting).await?);
        }
        for &set in &options.sets {
            measure(&mut lanes, &set.urls(site.port()), &options, concurrency)
                .await
                .with_context(|| format!("{set} at {concurrency}"))?;
            for lane in &mut lanes {
                let outcome = Outcome {
                    set,
                    concurrency,
                    name: lane.name,
                    figures: lane.figures()?,
                };
                tables.add(&outcome)?;
                outcomes.push(outcome);
            }
        }
        for lane in lanes {
            lane.contender.stop().await?;
        }
    }
    tables.finish(&outcomes)?;
    plot::chart(&options, &outcomes).save(&options.out.with_extension("svg"))
}

fn names(peers: &[Peer]) -> impl Iterator<Item = Name> {
    [Name::Platen]
        .into_iter()
        .chain(peers.iter().copied().map(Name::Peer))
}

/// A contender, and what is known of it in a setting.
struct Lane {
    name: Name,
    contender: Contender,
    meter: Meter,
    rounds: Vec<Round>,
}

impl Lane {
    async fn start(name: Name, setting: Setting<'_>) -> anyhow::Result<Self> {
        let contender = Contender::start(name, setting).await?;
        Ok(Self {
            name,
            meter: Meter::new(contender.id()?)?,
            contender,
            rounds: Vec::new(),
        })
    }

    async fn warm_up(&mut self, urls: &[String], concurrency: usize) -> anyhow::Result<()> {
        let pages = if self.name.is_slow() { 1 } else { WARM_UP };
        let urls = &urls[..urls.len().min(pages)];
        self.contender.convert(urls, concurrency).await?;
        self.meter = Meter::new(self.contender.id()?)?;
        self.rounds.clear();
        Ok(())
    }

    async fn round(&mut self, urls: &[String], concurrency: usize) -> anyhow::Result<()> {
        let urls = if self.name.is_slow() {
            &urls[..urls.len().min(SLOW_PAGES)]
        } else {
            urls
        };
        let work = self.contender.convert(urls, concurrency);
        let round = self.meter.watch(work).await??;
        self.rounds.push(round);
        Ok(())
    }

    fn figures(&mut self) -> anyhow::Result<Figures> {
        // Also what it did between its turns: it may tidy up and prepare then.
        let cpu = self.meter.cpu()?;
        let peak = self
            .meter
            .memory()
            .iter()
            .map(|memory| memory.total())
            .max();
        Ok(Figures::of(
            &self.rounds,
            cpu,
            mib(peak.unwrap_or_default()),
        ))
    }
}

async fn measure(
    lanes: &mut [Lane],
    urls: &[String],
    options: &Options,
    concurrency: usize,
) -> anyhow::Result<()> {
    for lane in &mut *lanes {
        let name = lane.name.as_str();
        lane.warm_up(urls, concurrency).await.context(name)?;
    }
    for round in 0..options.rounds {
        // Whoever goes second finds a warmer machine: another one begins each time.
        lanes.rotate_left(round.min(1));
        for lane in &mut *lanes {
            let name = lane.name.as_str();
            lane.round(urls, concurrency).await.context(name)?;
        }
    }
    lanes.sort_by_key(|lane| names(&options.peers).position(|name| name == lane.name));
    Ok(())
}
