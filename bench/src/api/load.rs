//! Load on one URL, over connections that are kept: `h2load`, which writes down every answer, so
//! that percentiles are exact.

use std::{
    fs,
    process::{Command as Program, Stdio},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use crate::stats::{Times, per_second};

/// Of Debian's package `nghttp2-client`.
const PROGRAM: &str = "h2load";

/// What is answered in so much time before what counts.
const WARM_UP: Duration = Duration::from_secs(1);

/// The status of an answer that had begun when what counts began.
const UNCOUNTED: &str = "0";

/// What is asked of whom, and how hard.
pub(super) struct Load<'a> {
    pub(super) url: String,
    /// Of the header `Authorization`.
    pub(super) bearer: &'a str,
    pub(super) connections: usize,
    pub(super) seconds: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    /// 200s in a second.
    pub(super) per_second: f64,
    /// From each request to the end of its 200.
    pub(super) times: Times,
    /// All else.
    pub(super) errors: usize,
}

impl Load<'_> {
    pub(super) async fn run(&self) -> anyhow::Result<Answers> {
        let folder = TempDir::new()?;
        let log = folder.path().join("answers");
        let output = Command::new(PROGRAM)
            .arg("--h1")
            .arg(format!("--clients={}", self.connections))
            .arg(format!("--duration={}", self.seconds))
            .arg(format!("--warm-up-time={}", WARM_UP.as_secs()))
            .arg(format!("--header=authorization: {}", self.bearer))
            .arg("--log-file")
            .arg(&log)
            .arg(&self.url)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .with_context(|| format!("running {PROGRAM}: scripts/setup.sh bench installs it"))?;
        let said = || String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(output.status.success(), "{PROGRAM} failed: {}", said());
        let log = fs::read_to_string(&log).unwrap_or_default();
        ensure!(!log.is_empty(), "nothing was answered: {}", said());
        Answers::parse(&log)
            .with_context(|| format!("{}, {} at a time", self.url, self.connections))
    }
}

impl Answers {
    /// A line for every answer: when it was asked for, in microseconds, its status or -1, and
    /// microseconds to its end.
    fn parse(log: &str) -> anyhow::Result<Self> {
        let mut times = Vec::new();
        let mut errors = 0;
        let (mut first, mut last) = (u64::MAX, 0);
        for line in log.lines() {
            let mut fields = line.split('\t');
            let mut field = || fields.next().with_context(|| format!("no answer: {line}"));
            let (asked, status, took) = (field()?, field()?, field()?);
            let (asked, took): (u64, u64) = (asked.parse()?, took.parse()?);
            first = first.min(asked);
            last = last.max(asked + took);
            match status {
                "200" => times.push(Duration::from_micros(took)),
                UNCOUNTED => {}
                _ => errors += 1,
            }
        }
        let took = Duration::from_micros(last.saturating_sub(first));
        ensure!(!took.is_zero(), "no time has passed");
        Ok(Self {
            per_second: per_second(times.len(), took),
            times: times.into_iter().collect(),
            errors,
        })
    }
}

/// The version, as it says it.
pub(super) fn version() -> anyhow::Result<String> {
    let output = Program::new(PROGRAM)
        .arg("--version")
        .output()
        .with_context(|| format!("running {PROGRAM}: scripts/setup.sh bench installs it"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_counts_once() {
        let log = "1000000\t200\t1500\n1000100\t0\t900\n1000500\t503\t20\n1001500\t200\t500\n1499000\t-1\t1000\n";
        let answers = Answers::parse(log).unwrap();
        assert_eq!(answers.errors, 2);
        assert_eq!(answers.times.p50(), Duration::from_micros(500));
        assert_eq!(answers.times.percentile(99), Duration::from_micros(1500));
        // Two within half a second.
        assert!((answers.per_second - 4.0).abs() < 1e-9, "{answers:?}");
    }

    #[test]
    fn what_is_no_log_is_told() {
        for log in ["", "1000000\t200", "soon\t200\t3"] {
            assert!(Answers::parse(log).is_err(), "{log}");
        }
    }
}
