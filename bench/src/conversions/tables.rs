//! What was measured, in words and numbers.

use std::{fs, path::PathBuf, process::Command};

use super::{
    Name, Options, Outcome, SLOW_PAGES,
    contender::Peer,
    gotenberg, names,
    rounds::{Figures, Steps},
};
use crate::{
    processes::kind_of_memory,
    report::{Report, version},
    stats::{ms, ratio},
};

/// The tables, while they grow.
pub(super) struct Tables {
    report: Report,
    out: PathBuf,
}

impl Tables {
    pub(super) fn begin(options: &Options) -> anyhow::Result<Self> {
        let mut report = Report::new(
            "Conversions",
            "The same pages on the same Chromium, converted in turns of one run, as A4 with \
             backgrounds, tags and\noutline. Platen runs as in the product: egress proxy, a context \
             per job, checks, SHA-256. The others have no proxy.\nAll have a warm browser.",
        )?;
        report.fact("Chromium", &version(&options.chromium)?)?;
        for name in names(&options.peers) {
            report.fact(name.as_str(), &release(name))?;
        }
        report.paragraph(&explanation(options))?;
        report
            .paragraph("![Throughput and time for a page, by pages at a time](conversions.svg)")?;
        report.table([
            "pages",
            "at a time",
            "with",
            "pages/s",
            "p50 ms",
            "p95 ms",
            "CPU, ms/page",
            "memory, MiB",
            "PDF, KiB",
        ])?;
        Ok(Self {
            report,
            out: options.out.clone(),
        })
    }

    pub(super) fn add(&mut self, outcome: &Outcome) -> anyhow::Result<()> {
        let figures = &outcome.figures;
        self.report.row(&[
            outcome.set.to_string(),
            outcome.concurrency.to_string(),
            outcome.name.as_str().to_owned(),
            format!("{:.2}", figures.pages_per_second),
            ms(figures.times.p50()),
            ms(figures.times.percentile(95)),
            ms(figures.cpu),
            format!("{:.0}", figures.memory),
            (figures.bytes / 1024).to_string(),
        ])
    }

    pub(super) fn finish(mut self, outcomes: &[Outcome]) -> anyhow::Result<()> {
        self.ratios(outcomes)?;
        self.steps(outcomes)?;
        self.report.save(&self.out)
    }

    fn ratios(&mut self, outcomes: &[Outcome]) -> anyhow::Result<()> {
        self.report.heading("Platen over each of the others")?;
        self.report
            .paragraph("More pages per second are better, and less of everything else.")?;
        self.report.table([
            "pages",
            "at a time",
            "over",
            "pages/s",
            "p50",
            "p95",
            "CPU",
            "memory",
        ])?;
        for outcome in outcomes {
            let Some(ours) = ours(outcomes, outcome) else {
                continue;
            };
            let (Figures { times, .. }, theirs) = (ours, &outcome.figures);
            let times = |percent| {
                let (ours, theirs) = (times.percentile(percent), theirs.times.percentile(percent));
                ratio(ours, theirs)
            };
            self.report.row(&[
                outcome.set.to_string(),
                outcome.concurrency.to_string(),
                outcome.name.as_str().to_owned(),
                format!("**{:.2}**", ours.pages_per_second / theirs.pages_per_second),
                format!("**{:.2}**", times(50)),
                format!("{:.2}", times(95)),
                format!("{:.2}", ratio(ours.cpu, theirs.cpu)),
                format!("{:.2}", ours.memory / theirs.memory),
            ])?;
        }
        Ok(())
    }

    fn steps(&mut self, outcomes: &[Outcome]) -> anyhow::Result<()> {
        self.report.heading("Where the others spend the time")?;
        self.report
            .paragraph("Medians in ms. Platen's steps overlap with those of other jobs.")?;
        self.report.table([
            "pages",
            "at a time",
            "with",
            "open a context and a tab",
            "load",
            "print",
        ])?;
        for outcome in outcomes {
            let Some(Steps { open, load, print }) = outcome.figures.steps else {
                continue;
            };
            let [open, load, print] = [open, load, print].map(ms);
            self.report.row(&[
                outcome.set.to_string(),
                outcome.concurrency.to_string(),
                outcome.name.as_str().to_owned(),
                open,
                load,
                print,
            ])?;
        }
        Ok(())
    }
}

/// Ours in the setting of somebody else's outcome.
fn ours<'a>(outcomes: &'a [Outcome], theirs: &Outcome) -> Option<&'a Figures> {
    let same = |outcome: &&Outcome| {
        let setting = |outcome: &Outcome| (outcome.set, outcome.concurrency);
        outcome.name == Name::Platen && setting(outcome) == setting(theirs)
    };
    let ours = outcomes.iter().find(same)?;
    (theirs.name != Name::Platen).then_some(&ours.figures)
}

fn explanation(options: &Options) -> String {
    let mut text = format!(
        "Throughput is the median of {} rounds, times are over all pages of all rounds. CPU is that \
         of the contender with its browser and all else that it started, user and system, from its \
         first round to the end of the last, also between its turns; of processes that nobody waited \
         for, what was seen twice a second. Memory is the most that was seen of all of them at once, \
         twice a second ({}); what the browsers of several contenders have in common is shared among \
         them. Who serves the pages is counted for nobody.",
        options.rounds,
        kind_of_memory()
    );
    for name in names(&options.peers).filter(|name| name.is_slow()) {
        let slow = format!(
            " {} takes seconds for any page: its rounds have at most {SLOW_PAGES} of them.",
            name.as_str()
        );
        text.push_str(&slow);
    }
    text
}

/// The version that is locked, or runs.
fn release(name: Name) -> String {
    let version = match name {
        Name::Platen => Some(env!("CARGO_PKG_VERSION").to_owned()),
        Name::Peer(Peer::PuppeteerCore) => puppeteer(),
        Name::Peer(Peer::HeadlessChrome) => {
            fs::read_to_string("../Cargo.lock").ok().and_then(|lock| {
                let (_, rest) = lock.split_once("name = \"headless_chrome\"\nversion = \"")?;
                Some(rest.split_once('"')?.0.to_owned())
            })
        }
        Name::Peer(Peer::Gotenberg | Peer::GotenbergEqual) => gotenberg(),
    };
    version.unwrap_or_default()
}

/// It has no option for that, but says it before it finds that it was not told of a browser, and ends.
fn gotenberg() -> Option<String> {
    let program = std::env::var_os(gotenberg::PROGRAM)?;
    let said = Command::new(program)
        .env_remove("CHROMIUM_BIN_PATH")
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let (_, rest) = said.split_once("Version: ")?;
    Some(rest.lines().next()?.to_owned())
}

fn puppeteer() -> Option<String> {
    let package = fs::read_to_string("node_modules/puppeteer-core/package.json").ok()?;
    let package: serde_json::Value = serde_json::from_str(&package).ok()?;
    let node = Command::new("node").arg("--version").output().ok()?;
    Some(format!(
        "{}, Node.js {}",
        package.get("version")?.as_str()?,
        String::from_utf8_lossy(&node.stdout).trim()
    ))
}
