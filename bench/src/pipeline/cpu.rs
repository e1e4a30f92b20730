//! CPU time of this process and of all that it started.

use std::{collections::BTreeMap, time::Duration};

use crate::processes::Processes;

/// Since each of them began, by program. What has ended counts if somebody has waited for it, which
/// nobody does for the children of a browser that was killed: browsers take at least what is told.
#[derive(Clone, Debug, Default)]
pub(super) struct CpuTime(BTreeMap<&'static str, Duration>);

impl CpuTime {
    pub(super) fn so_far() -> anyhow::Result<Self> {
        let ours = std::process::id();
        let mut times = BTreeMap::new();
        for (id, process) in Processes::now()?.tree(ours) {
            if id == ours {
                *times
                    .entry("this one: requests, proxies, site")
                    .or_default() += process.own;
            } else {
                let program = program(&process.name);
                *times.entry(program).or_default() += process.own;
                // A converter starts nothing but browsers, and replaces them when they are worn.
                let ended = match program {
                    "converters" => "browsers",
                    other => other,
                };
                *times.entry(ended).or_default() += process.ended;
            }
        }
        Ok(Self(times))
    }

    pub(super) fn since(&self, before: &Self) -> Self {
        let used = |(program, time): (&&'static str, &Duration)| {
            let before = before.0.get(program).copied().unwrap_or_default();
            (*program, time.saturating_sub(before))
        };
        Self(self.0.iter().map(used).collect())
    }

    pub(super) fn by_program(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        self.0.iter().map(|(program, time)| (*program, *time))
    }
}

fn program(name: &str) -> &'static str {
    match name {
        "platen" => "backend",
        "bootstrap" => "converters",
        "dynoxide" => "emulator of DynamoDB",
        "s3s-fs" => "emulator of S3",
        _ if name.starts_with("chrom") || name.starts_with("headless") => "browsers",
        _ if name.starts_with("ministack") || name.starts_with("python") => "emulator of SQS",
        _ => "others",
    }
}
