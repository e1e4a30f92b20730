//! Programs with all that they started: their CPU time and memory, as `/proc` tells them.

use std::{collections::BTreeMap, fs, future::Future, pin::pin, time::Duration};

use anyhow::Context as _;
use tokio::time::{MissedTickBehavior, interval};

/// Ticks of `/proc/*/stat` in a second (`sysconf(_SC_CLK_TCK)`): 100 on every Linux there is.
const TICKS: u32 = 100;

/// Between two looks at a program that works. Adding up the memory of one Chromium takes the kernel
/// some 25 ms of one core.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// A loopback address that no other process has, for one that cannot be asked which port it took.
pub(crate) fn own_host() -> String {
    let [.., high, low] = std::process::id().to_be_bytes();
    format!("127.{high}.{low}.1")
}

/// All of the machine's, at one moment.
pub(crate) struct Processes(BTreeMap<u32, Process>);

impl Processes {
    pub(crate) fn now() -> anyhow::Result<Self> {
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
        Ok(Self(processes))
    }

    /// One process, and all below it.
    pub(crate) fn tree(&self, root: u32) -> impl Iterator<Item = (u32, &Process)> {
        let ids = self.0.iter().map(|(&id, process)| (id, process));
        ids.filter(move |&(id, _)| self.is_below(id, root))
    }

    fn is_below(&self, id: u32, root: u32) -> bool {
        let mut ancestor = Some(id);
        while let Some(id) = ancestor.filter(|&id| id != root) {
            ancestor = self.0.get(&id).map(|process| process.parent);
        }
        ancestor.is_some()
    }
}

/// A line of `/proc/*/stat`: `proc_pid_stat(5)`.
pub(crate) struct Process {
    pub(crate) name: String,
    parent: u32,
    /// CPU time, in user mode and in the kernel.
    pub(crate) own: Duration,
    /// That of children that have ended and were waited for.
    pub(crate) ended: Duration,
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

/// KiB of memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Of the program itself.
    pub(crate) root: u64,
    /// Of all that it started.
    pub(crate) others: u64,
}

impl Memory {
    pub(crate) fn total(self) -> u64 {
        self.root + self.others
    }
}

/// What a program with all that it started has used since it was first looked at.
pub(crate) struct Meter {
    root: u32,
    /// CPU time of those alive at the last look, and of those that they waited for.
    seen: Duration,
    used: Duration,
    /// One for each look while it worked.
    memory: Vec<Memory>,
}

impl Meter {
    pub(crate) fn new(root: u32) -> anyhow::Result<Self> {
        let seen = seen(&Processes::now()?, root);
        Ok(Self {
            root,
            seen,
            used: Duration::ZERO,
            memory: Vec::new(),
        })
    }

    /// Looks now and then while the program does `work`, and when it is done.
    pub(crate) async fn watch<T>(&mut self, work: impl Future<Output = T>) -> anyhow::Result<T> {
        let mut work = pin!(work);
        let mut looks = interval(BETWEEN_LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                done = &mut work => {
                    self.look()?;
                    return Ok(done);
                }
                _ = looks.tick() => self.look()?,
            }
        }
    }

    fn look(&mut self) -> anyhow::Result<()> {
        let processes = Processes::now()?;
        self.count(seen(&processes, self.root));
        let mut memory = Memory::default();
        for (id, _) in processes.tree(self.root) {
            // One that has just ended has none.
            let kib = proportional_kib(id).unwrap_or_default();
            if id == self.root {
                memory.root += kib;
            } else {
                memory.others += kib;
            }
        }
        self.memory.push(memory);
        Ok(())
    }

    /// CPU time so far.
    pub(crate) fn cpu(&mut self) -> anyhow::Result<Duration> {
        self.count(seen(&Processes::now()?, self.root));
        Ok(self.used)
    }

    /// What is seen grows, unless a process has ended that nobody waited for, and took its time along:
    /// of that, what was seen before stays counted.
    fn count(&mut self, seen: Duration) {
        self.used += seen.saturating_sub(self.seen);
        self.seen = seen;
    }

    /// In the order of the looks.
    pub(crate) fn memory(&self) -> &[Memory] {
        &self.memory
    }
}

fn seen(processes: &Processes, root: u32) -> Duration {
    let tree = processes.tree(root);
    tree.map(|(_, process)| process.own + process.ended).sum()
}

/// KiB of a program alone: of the processes below `root`, and it, that run the same as it does.
pub(crate) fn program_kib(root: u32) -> anyhow::Result<u64> {
    let processes = Processes::now()?;
    let program = processes.0.get(&root).context("the program has ended")?;
    let same = processes.tree(root);
    let same = same.filter(|(_, process)| process.name == program.name);
    Ok(same.filter_map(|(id, _)| proportional_kib(id)).sum())
}

/// How memory is counted, for those who read the numbers.
pub(crate) fn kind_of_memory() -> &'static str {
    if rustix::process::geteuid().is_root() {
        "PSS: what a process has for itself, and its share of what several have in common"
    } else {
        "PSS, and all that is resident of the processes in Chromium's sandbox, of which only root is \
         told more"
    }
}

/// What it has for itself, and its share of what it has in common with others; all that is resident
/// where the kernel does not tell.
fn proportional_kib(id: u32) -> Option<u64> {
    let field = |file: &str, field: &str| {
        let text = fs::read_to_string(format!("/proc/{id}/{file}")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(field))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    field("smaps_rollup", "Pss:").or_else(|| field("status", "VmRSS:"))
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use tokio::{
        io::{AsyncBufReadExt as _, BufReader},
        process::Command,
    };

    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let stat = "7 (a) b) S 3 7 7 0 -1 0 1 2 3 4 150 50 20 30 20 0 1 0 99";
        let process = Process::parse(stat).unwrap();
        assert_eq!((process.name.as_str(), process.parent), ("a) b", 3));
        assert_eq!(process.own, Duration::from_secs(2));
        assert_eq!(process.ended, Duration::from_millis(500));
    }

    #[test]
    fn a_tree_is_all_below_its_root() {
        let line = |parent: u32| Process {
            name: String::new(),
            parent,
            own: Duration::ZERO,
            ended: Duration::ZERO,
        };
        let parents = [(1, 0), (2, 1), (3, 2), (4, 3), (5, 1), (6, 5), (7, 99)];
        let parents = parents.into_iter().map(|(id, parent)| (id, line(parent)));
        let processes = Processes(parents.collect());
        let below: Vec<u32> = processes.tree(2).map(|(id, _)| id).collect();
        assert_eq!(below, [2, 3, 4]);
    }

    #[test]
    fn what_was_seen_of_the_unwaited_for_stays_counted() {
        let seconds = Duration::from_secs;
        let mut meter = Meter {
            root: 1,
            seen: seconds(10),
            used: Duration::ZERO,
            memory: Vec::new(),
        };
        for seen in [12, 15, 7, 9].map(seconds) {
            meter.count(seen);
        }
        assert_eq!(meter.used, seconds(7));
    }

    #[tokio::test]
    async fn a_program_is_measured_with_what_it_started() {
        let count = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let mut shell = Command::new("sh")
            .args(["-c", &format!("sh -c '{count}'; echo counted; read end")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut meter = Meter::new(shell.id().unwrap()).unwrap();
        let mut output = BufReader::new(shell.stdout.take().unwrap()).lines();
        let line = meter.watch(output.next_line()).await.unwrap();
        assert_eq!(line.unwrap().as_deref(), Some("counted"));
        assert!(meter.used > Duration::from_millis(20), "{:?}", meter.used);
        let peak = meter.memory().iter().map(|memory| memory.total()).max();
        assert!(peak.unwrap() > 100, "{:?}", meter.memory());
        drop(shell.stdin.take());
        shell.wait().await.unwrap();
    }
}
