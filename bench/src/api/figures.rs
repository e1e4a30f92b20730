//! What rounds come to.

use std::time::Duration;

use super::{load::Answers, sign_ins::Tally};
use crate::stats::{median, mib};

/// One turn of one contender.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Round {
    pub(super) per_second: f64,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    /// Told to come back.
    pub(super) shed: usize,
    /// Answers that are none.
    pub(super) errors: usize,
    /// The most that was seen, in KiB.
    pub(super) memory: u64,
}

impl Round {
    pub(super) fn of_reads(answers: &Answers, memory: u64) -> Self {
        Self {
            per_second: answers.per_second,
            p50: answers.times.p50(),
            p99: answers.times.percentile(99),
            shed: 0,
            errors: answers.errors,
            memory,
        }
    }

    pub(super) fn of_sign_ins(tally: &Tally, memory: u64) -> Self {
        let times = tally.times();
        Self {
            per_second: tally.per_second(),
            p50: times.p50(),
            p99: times.percentile(99),
            shed: tally.shed,
            errors: tally.errors(),
            memory,
        }
    }
}

/// Of a contender in a setting: medians of its rounds, all that went wrong, and the most memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) per_second: f64,
    /// Milliseconds.
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) shed: usize,
    pub(super) errors: usize,
    /// MiB.
    pub(super) memory: f64,
}

impl Figures {
    pub(super) fn of(rounds: &[Round]) -> Self {
        let middle = |of: fn(&Round) -> f64| median(rounds.iter().map(of));
        let most = rounds.iter().map(|round| round.memory).max();
        Self {
            per_second: middle(|round| round.per_second),
            p50: middle(|round| round.p50.as_secs_f64() * 1000.0),
            p99: middle(|round| round.p99.as_secs_f64() * 1000.0),
            shed: rounds.iter().map(|round| round.shed).sum(),
            errors: rounds.iter().map(|round| round.errors).sum(),
            memory: mib(most.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_but_every_error_and_the_most_memory() {
        let round = |per_second, ms, errors, memory| Round {
            per_second,
            p50: Duration::from_millis(ms),
            p99: Duration::from_millis(10 * ms),
            shed: errors,
            errors,
            memory,
        };
        let figures = Figures::of(&[
            round(10.0, 1, 0, 3072),
            round(30.0, 9, 1, 1024),
            round(20.0, 2, 2, 2048),
        ]);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(figures.per_second, 20.0), "{figures:?}");
        assert!(
            close(figures.p50, 2.0) && close(figures.p99, 20.0),
            "{figures:?}"
        );
        assert_eq!((figures.errors, figures.shed), (3, 3));
        assert!(close(figures.memory, 3.0), "{figures:?}");
    }
}
