use std::time::Duration;

use crate::seconds;

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
pub(crate) struct Comparison {
    pub(crate) ours: Vec<Round>,
    pub(crate) peer: Vec<Round>,
}

/// One contender in one setting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Median over the rounds.
    pub(crate) pages_per_second: f64,
    /// Over all jobs of all rounds.
    pub(crate) p50: Duration,
    pub(crate) p95: Duration,
    /// Mean size of a PDF.
    pub(crate) bytes: u64,
    /// Median of each.
    pub(crate) steps: Option<Steps>,
}

impl Figures {
    pub(crate) fn of(rounds: &[Round]) -> Self {
        let mut rates: Vec<f64> = rounds
            .iter()
            .map(|round| count(round.jobs.len()) / seconds(round.took))
            .collect();
        rates.sort_by(f64::total_cmp);
        let jobs = || rounds.iter().flat_map(|round| &round.jobs);
        let mut times: Vec<Duration> = jobs().map(|job| job.took).collect();
        times.sort_unstable();
        let total: u64 = jobs().map(|job| job.bytes).sum();
        Self {
            pages_per_second: median(&rates),
            p50: percentile(&times, 50),
            p95: percentile(&times, 95),
            bytes: total / u64::try_from(times.len()).unwrap_or(1).max(1),
            steps: medians(jobs().filter_map(|job| job.steps)),
        }
    }
}

fn medians(steps: impl Iterator<Item = Steps>) -> Option<Steps> {
    let steps: Vec<Steps> = steps.collect();
    let median = |step: fn(&Steps) -> Duration| {
        let mut times: Vec<Duration> = steps.iter().map(step).collect();
        times.sort_unstable();
        percentile(&times, 50)
    };
    (!steps.is_empty()).then(|| Steps {
        open: median(|steps| steps.open),
        load: median(|steps| steps.load),
        print: median(|steps| steps.print),
    })
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted {
        [] => 0.0,
        _ if sorted.len() % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// The smallest time that `percent` of all do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles() {
        assert!((median(&[1.0, 2.0, 9.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[1.0, 2.0]) - 1.5).abs() < f64::EPSILON);
        let times: Vec<Duration> = (1..=20).map(Duration::from_secs).collect();
        assert_eq!(percentile(&times, 50), Duration::from_secs(10));
        assert_eq!(percentile(&times, 95), Duration::from_secs(19));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
