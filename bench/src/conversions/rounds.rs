//! What a contender did, and what that comes to.

use std::time::Duration;

use crate::stats::{Times, median, per_second};

/// One conversion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub(crate) took: Duration,
    /// Of the PDF.
    pub(crate) bytes: u64,
    /// Ours overlap with those of other jobs.
    pub(crate) steps: Option<Steps>,
}

/// What a conversion consists of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    /// A context and a tab.
    pub(crate) open: Duration,
    /// Navigation to the end of loading.
    pub(crate) load: Duration,
    pub(crate) print: Duration,
}

/// All pages of a set once.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    pub(crate) took: Duration,
    pub(crate) jobs: Vec<Job>,
}

/// The rounds of both in one setting.
#[derive(Clone, Debug, Default)]
pub(super) struct Comparison {
    pub(super) ours: Vec<Round>,
    pub(super) peer: Vec<Round>,
}

/// One contender in one setting.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Median over the rounds.
    pub(super) pages_per_second: f64,
    /// Of all jobs of all rounds.
    pub(super) times: Times,
    /// Mean size of a PDF.
    pub(super) bytes: u64,
    /// Median of each.
    pub(super) steps: Option<Steps>,
}

impl Figures {
    pub(super) fn of(rounds: &[Round]) -> Self {
        let rates = rounds
            .iter()
            .map(|round| per_second(round.jobs.len(), round.took));
        let jobs: Vec<&Job> = rounds.iter().flat_map(|round| &round.jobs).collect();
        let total: u64 = jobs.iter().map(|job| job.bytes).sum();
        Self {
            pages_per_second: median(rates),
            times: jobs.iter().map(|job| job.took).collect(),
            bytes: total / u64::try_from(jobs.len()).unwrap_or(1).max(1),
            steps: medians(jobs.iter().filter_map(|job| job.steps)),
        }
    }
}

fn medians(steps: impl Iterator<Item = Steps>) -> Option<Steps> {
    let steps: Vec<Steps> = steps.collect();
    let median = |step: fn(&Steps) -> Duration| steps.iter().map(step).collect::<Times>().p50();
    (!steps.is_empty()).then(|| Steps {
        open: median(|steps| steps.open),
        load: median(|steps| steps.load),
        print: median(|steps| steps.print),
    })
}
