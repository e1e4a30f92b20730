//! CPU time of this process and of all that it started.

use std::{collections::BTreeMap, fs, time::Duration};

use anyhow::Context as _;

/// Ticks of `/proc/*/stat` in a second (`sysconf(_SC_CLK_TCK)`): 100 on every Linux there is.
const TICKS: u32 = 100;

/// Since each of them began, by program. What has ended counts if somebody has waited for it, which
/// nobody does for the children of a browser that was killed: browsers take at least what is told.
#[derive(Clone, Debug, Default)]
pub(super) struct CpuTime(BTreeMap<&'static str, Duration>);

impl CpuTime {
    pub(super) fn so_far() -> anyhow::Result<Self> {
        let mut processes = BTreeMap::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let id = name.to_str().and_then(|name| name.parse::<u32>().ok());
            // It may have ended since the folder was read.
            let stat = id.and_then(|id| fs::read_to_string(format!("/proc/{id}/stat")).ok());
            if let (Some(id), Some(stat)) = (id, stat) {
                processes.insert(id, Process::parse(&stat).context("no process")?);
            }
        }
        let ours = std::process::id();
        let is_ours = |id: u32| {
            let mut ancestor = Some(id);
            while let Some(id) = ancestor.filter(|&id| id != ours) {
                ancestor = processes.get(&id).map(|process| process.parent);
            }
            ancestor.is_some()
        };
        let mut times = BTreeMap::new();
        for (&id, process) in &processes {
            if id == ours {
                *times
                    .entry("this one: requests, proxies, site")
                    .or_default() += process.own;
            } else if is_ours(id) {
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

/// A line of `/proc/*/stat`: `proc_pid_stat(5)`.
struct Process {
    name: String,
    parent: u32,
    own: Duration,
    /// Of children that have ended and were waited for.
    ended: Duration,
}

impl Process {
    fn parse(stat: &str) -> Option<Self> {
        // The name, in parentheses, may hold anything.
        let (head, rest) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let ticks = |field: usize| fields.get(field)?.parse::<u32>().ok();
        let time = |ticks: u32| Duration::from_secs(ticks.into()) / TICKS;
        Some(Self {
            name: head.split_once('(')?.1.to_owned(),
            parent: fields.get(1)?.parse().ok()?,
            own: time(ticks(11)? + ticks(12)?),
            ended: time(ticks(13)? + ticks(14)?),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let stat = "7 (a) b) S 3 7 7 0 -1 0 1 2 3 4 150 50 20 30 20 0 1 0 99";
        let process = Process::parse(stat).unwrap();
        assert_eq!((process.name.as_str(), process.parent), ("a) b", 3));
        assert_eq!(process.own, Duration::from_secs(2));
        assert_eq!(process.ended, Duration::from_millis(500));
    }
}
