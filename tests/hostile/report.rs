//! What the suite says, in the manner of `cargo test`.

use std::{process::ExitCode, time::Instant};

/// What names of cases begin with, so that a filter can ask for all of them.
const SUITE: &str = "hostile";

#[expect(
    clippy::print_stdout,
    reason = "the report is what this program is for"
)]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Counts cases and remembers what was wrong with those that failed.
#[derive(Debug)]
pub(crate) struct Report {
    filter: Vec<String>,
    passed: usize,
    failures: Vec<(String, String)>,
    start: Instant,
}

impl Report {
    /// Only cases whose name contains one of `filter`; all of them when that is empty.
    pub(crate) fn new(filter: Vec<String>) -> Self {
        Self {
            filter,
            passed: 0,
            failures: Vec::new(),
            start: Instant::now(),
        }
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        let name = format!("{SUITE}::{name}");
        self.filter.is_empty() || self.filter.iter().any(|part| name.contains(part.as_str()))
    }

    /// Whether none of these names is asked for.
    pub(crate) fn wants_nothing(&self, names: &[String]) -> bool {
        !names.iter().any(|name| self.wants(name))
    }

    /// Notes a case and what was wrong with it; nothing: it passed.
    pub(crate) fn note(&mut self, name: &str, wrong: &[String]) {
        if wrong.is_empty() {
            self.passed += 1;
            say(&format!("test {SUITE}::{name} ... ok"));
        } else {
            say(&format!("test {SUITE}::{name} ... FAILED"));
            self.failures.push((name.to_owned(), wrong.join("\n    ")));
        }
    }

    pub(crate) fn end(self) -> ExitCode {
        if !self.failures.is_empty() {
            say("\nfailures:");
        }
        for (name, wrong) in &self.failures {
            say(&format!("  {name}\n    {wrong}"));
        }
        let (verdict, code) = if self.failures.is_empty() {
            ("ok", ExitCode::SUCCESS)
        } else {
            ("FAILED", ExitCode::FAILURE)
        };
        say(&format!(
            "\ntest result: {verdict}. {} passed; {} failed; finished in {:.2}s\n",
            self.passed,
            self.failures.len(),
            self.start.elapsed().as_secs_f64()
        ));
        code
    }
}
