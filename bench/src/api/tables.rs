//! What was measured, in words and numbers.

use super::{Options, Outcome, contender::Name, load, nginx, route::Route, storm::Storm};
use crate::{
    processes::kind_of_memory,
    report::Report,
    stats::{fine_ms, ratio},
};

/// The tables, while they grow.
pub(super) struct Tables {
    report: Report,
}

impl Tables {
    pub(super) fn begin(options: &Options) -> anyhow::Result<Self> {
        let mut report = Report::new(
            "The API under load",
            "The standalone product against the same way of serving with constants behind it, and \
             against nginx with files: the same answers at the same paths of all three, over \
             connections that are kept.",
        )?;
        report.fact("nginx", &nginx::version()?)?;
        report.fact("Load", &load::version()?)?;
        report.fact("Files of the reader", &options.files.to_string())?;
        report.fact("PDF", &format!("{} KiB", options.pdf))?;
        report.paragraph(&format!(
            "Each number is the median of {} rounds of {} s, in which all take turns; errors are \
             those of all rounds, and memory is the most that was seen ({}), of the server without \
             the browser. Connections ask again as soon as they are answered. Who asks runs on the \
             same cores, and nobody is pinned to any: with many connections that is what limits the \
             fastest.",
            options.rounds,
            options.seconds,
            kind_of_memory(),
        ))?;
        report.paragraph("![Requests and their times, by connections](api.svg)")?;
        report.heading("Reading")?;
        report.table(COLUMNS)?;
        Ok(Self { report })
    }

    pub(super) fn begin_sign_ins(&mut self) -> anyhow::Result<()> {
        self.report.heading("Signing in")?;
        self.report.paragraph(
            "Each connection signs in to an account of its own; counted and timed is what succeeds. \
             The constant is the answer without the hash, and without a session to write down.",
        )?;
        self.report.table(COLUMNS)
    }

    pub(super) fn add(&mut self, outcome: &Outcome) -> anyhow::Result<()> {
        let figures = &outcome.figures;
        self.report.row(&[
            outcome.asked.as_str().to_owned(),
            outcome.connections.to_string(),
            outcome.name.as_str().to_owned(),
            format!("{:.0}", figures.per_second),
            format!("{:.2}", figures.p50),
            format!("{:.2}", figures.p99),
            figures.shed.to_string(),
            figures.errors.to_string(),
            format!("{:.0}", figures.memory),
        ])
    }

    pub(super) fn storms(&mut self, storms: &[Storm]) -> anyhow::Result<()> {
        self.report.heading("While more sign in than can be")?;
        self.report.paragraph(
            "The same reads, at the same low rate, with nobody who signs in (idle) and with so many \
             who begin to sign in every second (storm), in turns.",
        )?;
        self.report.table([
            "sign-ins begun in a second",
            "read",
            "idle, p50 ms",
            "storm, p50 ms",
            "idle, p99 ms",
            "storm, p99 ms",
            "ratio of p99 (at most 2 is the bar)",
        ])?;
        for storm in storms {
            for ((route, idle), stormy) in Route::ALL.iter().zip(&storm.idle).zip(&storm.stormy) {
                let (p99_idle, p99_stormy) = (idle.percentile(99), stormy.percentile(99));
                self.report.row(&[
                    storm.per_second.to_string(),
                    route.as_str().to_owned(),
                    fine_ms(idle.p50()),
                    fine_ms(stormy.p50()),
                    fine_ms(p99_idle),
                    fine_ms(p99_stormy),
                    format!("**{:.2}**", ratio(p99_stormy, p99_idle)),
                ])?;
            }
        }
        for storm in storms {
            let answers = &storm.answers;
            let other = match answers.other.len() {
                0 => "nothing else".to_owned(),
                _ => format!("**{:?}**", answers.other),
            };
            self.report.paragraph(&format!(
                "Of the {} a second, {:.0} were answered, others not begun because the one before \
                 was still waiting: 200 {} times, 503 with `Retry-After` {} times, and {other}.",
                storm.per_second, storm.answered_per_second, answers.signed_in, answers.shed
            ))?;
        }
        Ok(())
    }

    /// Platen over each of the others.
    pub(super) fn finish(mut self, options: &Options, outcomes: &[Outcome]) -> anyhow::Result<()> {
        self.report.heading("Platen over each of the others")?;
        self.report
            .paragraph("More requests per second are better, and less time.")?;
        self.report
            .table(["asked", "connections", "over", "requests/s", "p50", "p99"])?;
        for theirs in outcomes {
            let Some(ours) = ours(outcomes, theirs) else {
                continue;
            };
            let (ours, figures) = (ours.figures, theirs.figures);
            self.report.row(&[
                theirs.asked.as_str().to_owned(),
                theirs.connections.to_string(),
                theirs.name.as_str().to_owned(),
                format!("{:.2}", ours.per_second / figures.per_second),
                format!("{:.2}", ours.p50 / figures.p50),
                format!("{:.2}", ours.p99 / figures.p99),
            ])?;
        }
        self.report.save(&options.out)
    }
}

const COLUMNS: [&str; 9] = [
    "asked",
    "connections",
    "with",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "shed",
    "errors",
    "memory, MiB",
];

/// Ours in the setting of somebody else's outcome.
fn ours<'a>(outcomes: &'a [Outcome], theirs: &Outcome) -> Option<&'a Outcome> {
    let setting = |outcome: &Outcome| (outcome.asked, outcome.connections);
    let mut ours = outcomes
        .iter()
        .filter(|outcome| outcome.name == Name::Platen);
    let ours = ours.find(|ours| setting(ours) == setting(theirs))?;
    (theirs.name != Name::Platen).then_some(ours)
}
