//! The memory of the renderer over very many jobs: what it needs after many is what it needed after
//! few, or it leaks.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Args;
use platen_renderer::RendererConfig;

use crate::{
    chart::{Axis, Chart, Line, Panel, Scale},
    conversions::{Contender, Name, Setting},
    processes::{Memory, Meter, kind_of_memory},
    report::{Report, version},
    site::{SiteApart, small_jobs},
    stats::{count, median, mib, per_second},
};

/// Jobs from one number for the memory to the next.
const BATCH: usize = 20;

/// Jobs that are compared: as many as a browser lives for, so that its age plays no part.
const WINDOW: usize = 200;

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(long, default_value_t = 2_000)]
    jobs: usize,
    /// Jobs at a time.
    #[arg(long, default_value_t = 2)]
    concurrency: usize,
    /// Directory of the Rust documentation, as `rustup doc --path` names its index.
    #[arg(long)]
    docs: PathBuf,
    #[arg(long, default_value = "/usr/bin/chromium-headless-shell")]
    chromium: PathBuf,
    /// Where the table is written, and beside it the plot.
    #[arg(long, default_value = "results/soak.md")]
    out: PathBuf,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    ensure!(
        options.jobs >= 2 * WINDOW,
        "{} jobs leave nothing to compare; at least {}",
        options.jobs,
        2 * WINDOW
    );
    let site = SiteApart::start(&options.docs).await?;
    let setting = Setting {
        chromium: &options.chromium,
        site_port: site.port(),
        concurrency: options.concurrency,
    };
    let mut ours = Contender::start(Name::Platen, setting).await?;
    let urls = small_jobs(site.port(), options.jobs);
    let started = Instant::now();
    let samples = soak(&mut ours, &urls, options.concurrency).await?;
    let took = started.elapsed();
    ours.stop().await?;
    chart(&samples).save(&options.out.with_extension("svg"))?;
    tell(&options, &samples, took)
}

async fn soak(
    ours: &mut Contender,
    urls: &[String],
    concurrency: usize,
) -> anyhow::Result<Vec<Sample>> {
    let mut meter = Meter::new(ours.id()?)?;
    let mut samples = Vec::new();
    let mut jobs = 0;
    for batch in urls.chunks(BATCH) {
        let looks = meter.memory().len();
        meter.watch(ours.convert(batch, concurrency)).await??;
        jobs += batch.len();
        samples.push(Sample::of(jobs, &meter.memory()[looks..]));
    }
    Ok(samples)
}

fn tell(options: &Options, samples: &[Sample], took: Duration) -> anyhow::Result<()> {
    let mut report = Report::new(
        "Memory over many jobs",
        &format!(
            "{} jobs, {} at a time, on one renderer as in the product: three of a trivial page for \
             each of a small one of Rust's\ndocumentation. Its settings are the usual ones: after {} \
             jobs a browser is replaced.",
            options.jobs,
            options.concurrency,
            RendererConfig::new("").jobs_per_browser
        ),
    )?;
    report.fact("Chromium", &version(&options.chromium)?)?;
    let rate = format!("{:.2}/s", per_second(options.jobs, took));
    report.fact("Jobs", &rate)?;
    report.paragraph(&format!(
        "MiB ({}), medians of what was seen twice a second during {WINDOW} jobs. The service is the \
         process that holds renderer and egress proxies; browsers are all processes of Chromium, of \
         both while one replaces the other.",
        kind_of_memory()
    ))?;
    report.paragraph("![Memory by jobs](soak.svg)")?;
    report.table(["jobs", "service", "browsers", "both"])?;
    let mut totals = Vec::new();
    for window in samples.chunks(WINDOW / BATCH) {
        let of = |part: fn(&Sample) -> f64| median(window.iter().map(part));
        let both = of(|sample| sample.service + sample.browsers);
        report.row(&[
            window.last().map_or(0, |sample| sample.jobs).to_string(),
            format!("{:.0}", of(|sample| sample.service)),
            format!("{:.0}", of(|sample| sample.browsers)),
            format!("{both:.0}"),
        ])?;
        totals.push(both);
    }
    let (first, last) = totals.first().zip(totals.last()).context("no samples")?;
    report.paragraph(&format!(
        "After {} jobs over after {WINDOW}: **{:.2}** (at most 1.10 is the bar).",
        options.jobs,
        last / first
    ))?;
    report.save(&options.out)
}

fn chart(samples: &[Sample]) -> Chart {
    let line = |memory: fn(&Sample) -> f64| Line {
        points: samples
            .iter()
            .map(|sample| (count(sample.jobs), memory(sample)))
            .collect(),
        marked: false,
    };
    Chart {
        title: "Memory by jobs".to_owned(),
        names: vec!["browsers", "service"],
        panels: vec![Panel {
            title: "The renderer and its browsers".to_owned(),
            x: Axis {
                label: "jobs done",
                scale: Scale::FromZero,
            },
            y: Axis {
                label: "MiB",
                scale: Scale::FromZero,
            },
            lines: vec![
                line(|sample| sample.browsers),
                line(|sample| sample.service),
            ],
        }],
    }
}

/// Medians of what was seen during some jobs, in MiB.
#[derive(Clone, Copy)]
struct Sample {
    /// So many were done in the end.
    jobs: usize,
    /// Renderer, egress proxies, and the client.
    service: f64,
    browsers: f64,
}

impl Sample {
    fn of(jobs: usize, memory: &[Memory]) -> Self {
        Self {
            jobs,
            service: median(memory.iter().map(|memory| mib(memory.root))),
            browsers: median(memory.iter().map(|memory| mib(memory.others))),
        }
    }
}
