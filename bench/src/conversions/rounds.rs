//! What a contender did, and what that comes to.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};

use crate::stats::{Times, median, per_second};

/// Pages to convert, so many at a time: a line of a contender's input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) urls: Vec<String>,
    pub(crate) concurrency: usize,
}

/// An order that was carried out: a line of a contender's output.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Round {
    #[serde(with = "milliseconds")]
    pub(crate) took: Duration,
    pub(crate) jobs: Vec<Job>,
}

impl Round {
    /// All of `urls`, `concurrency` at a time.
    pub(super) async fn of<'a>(
        urls: &'a [String],
        concurrency: usize,
        convert: impl AsyncFn(&'a str) -> anyhow::Result<Job>,
    ) -> anyhow::Result<Self> {
        let started = Instant::now();
        let jobs = stream::iter(urls)
            .map(|url| convert(url))
            .buffer_unordered(concurrency)
            .try_collect()
            .await?;
        Ok(Self {
            took: started.elapsed(),
            jobs,
        })
    }
}

/// One conversion.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    #[serde(with = "milliseconds")]
    pub(crate) took: Duration,
    /// Of the PDF.
    pub(crate) bytes: u64,
    /// Ours overlap with those of other jobs.
    pub(crate) steps: Option<Steps>,
}

/// What a conversion consists of.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Steps {
    /// A context and a tab.
    #[serde(with = "milliseconds")]
    pub(crate) open: Duration,
    /// Navigation to the end of loading.
    #[serde(with = "milliseconds")]
    pub(crate) load: Duration,
    #[serde(with = "milliseconds")]
    pub(crate) print: Duration,
}

/// As JavaScript counts time.
mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(time.as_secs_f64() * 1000.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let milliseconds = f64::deserialize(from)?;
        Duration::try_from_secs_f64(milliseconds / 1000.0).map_err(D::Error::custom)
    }
}

/// One contender in one setting.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Median over the rounds.
    pub(super) pages_per_second: f64,
    /// Of all jobs of all rounds.
    pub(super) times: Times,
    /// Of a conversion.
    pub(super) cpu: Duration,
    /// MiB at the most.
    pub(super) memory: f64,
    /// Mean size of a PDF.
    pub(super) bytes: u64,
    /// Median of each.
    pub(super) steps: Option<Steps>,
}

impl Figures {
    /// `cpu`: of all rounds; `memory`: MiB.
    pub(super) fn of(rounds: &[Round], cpu: Duration, memory: f64) -> Self {
        let rates = rounds
            .iter()
            .map(|round| per_second(round.jobs.len(), round.took));
        let jobs: Vec<&Job> = rounds.iter().flat_map(|round| &round.jobs).collect();
        let count = u32::try_from(jobs.len()).unwrap_or(u32::MAX).max(1);
        let total: u64 = jobs.iter().map(|job| job.bytes).sum();
        Self {
            pages_per_second: median(rates),
            times: jobs.iter().map(|job| job.took).collect(),
            cpu: cpu / count,
            memory,
            bytes: total / u64::from(count),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn understands_what_puppeteer_says() {
        let line = r#"{"took":1500.5,"jobs":[{"took":80,"bytes":3072,
            "steps":{"open":30,"load":40.5,"print":9.5}}]}"#;
        let round: Round = serde_json::from_str(line).unwrap();
        assert_eq!(round.took, Duration::from_micros(1_500_500));
        let steps = round.jobs[0].steps.unwrap();
        assert_eq!(steps.load, Duration::from_micros(40_500));
        let figures = Figures::of(&[round.clone(), round], Duration::from_secs(3), 100.0);
        assert_eq!(figures.cpu, Duration::from_millis(1500));
        assert_eq!(figures.bytes, 3072);
        assert!((figures.pages_per_second - 1.0 / 1.5005).abs() < 1e-9);
    }
}
