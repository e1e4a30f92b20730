//! Many jobs while processes of their browsers are killed at random, and nothing is left of it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    time::{Duration, Instant},
};

use futures::{StreamExt as _, stream};
use platen_api_types::{FailureCode, PdfOptions};
use platen_renderer::{RenderError, Renderer, RendererConfig};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use rustix::process::{Pid, Signal, getpid, kill_process, set_child_subreaper};
use tokio::{
    runtime,
    time::{error::Elapsed, timeout},
};

use crate::{
    processes::{Process, all, directories, entries, of_browsers},
    site::Answer,
    stage::{Pdf, Stage, config, eventually, work_dir},
};

/// Jobs in the usual run of the tests.
const FEW: u32 = 100;
const MANY: u32 = 500;

/// Jobs at a time. As many tabs are prepared, and are hit too.
const AT_A_TIME: usize = 4;

/// Nothing may take longer: a job can meet a hang of ten seconds on each of its two tries.
const CAP: Duration = Duration::from_mins(1);

/// Where Chromium leaves things when it is not told otherwise.
const PLACES: [&str; 2] = ["/tmp", "/dev/shm"];

#[test]
fn nothing_is_left_of_jobs_whose_browsers_are_killed() {
    in_a_process_of_its_own(FEW);
}

#[test]
#[ignore = "takes minutes: cargo test -p platen-renderer --test real -- --ignored many_jobs"]
fn nothing_is_left_of_many_jobs_whose_browsers_are_killed() {
    in_a_process_of_its_own(MANY);
}

/// Counts what the process has, so there must be no other test in it. `PLATEN_SEED` repeats a storm.
#[expect(clippy::print_stderr, reason = "how many jobs ended how")]
fn in_a_process_of_its_own(jobs: u32) {
    let seed = env::var("PLATEN_SEED").unwrap_or_else(|_| rand::random::<u16>().to_string());
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "storm::storm", "--ignored", "--nocapture"])
        .env("PLATEN_STORM_JOBS", jobs.to_string())
        .env("PLATEN_SEED", &seed)
        .output()
        .unwrap();
    let [told, said] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(
        output.status.success() && told.contains("1 passed"),
        "repeat it with PLATEN_SEED={seed}\n{told}\n{said}"
    );
    eprint!("{said}");
}

/// Not a test of its own: what those above run.
#[test]
#[ignore = "run by another test"]
fn storm() {
    let number = |name| env::var(name).ok().and_then(|text| text.parse().ok());
    let (jobs, seed) = (number("PLATEN_STORM_JOBS"), number("PLATEN_SEED"));
    // As the first process of a container is: what loses its parent becomes ours.
    set_child_subreaper(Some(getpid())).unwrap();
    runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_keep_alive(Duration::from_millis(100))
        .build()
        .unwrap()
        .block_on(Storm::new(seed.unwrap_or(1)).run(jobs.unwrap_or(FEW)));
}

struct Storm {
    random: Mutex<StdRng>,
    work_dir: PathBuf,
    /// When processes of pages were killed.
    killed_pages: Mutex<Vec<Instant>>,
}

#[derive(Debug, Default)]
struct Tally {
    pdfs: usize,
    to_be_retried: usize,
    crashed_twice: usize,
}

impl Storm {
    fn new(seed: u32) -> Self {
        Self {
            random: Mutex::new(StdRng::seed_from_u64(seed.into())),
            work_dir: work_dir("storm"),
            killed_pages: Mutex::default(),
        }
    }

    #[expect(clippy::print_stderr, reason = "how many jobs ended how")]
    async fn run(self, jobs: u32) {
        let settings = RendererConfig {
            concurrency: AT_A_TIME.try_into().unwrap(),
            jobs_per_browser: 60,
            ..config("storm")
        };
        // Whatever is made once and kept is there afterwards.
        let mut stage = Stage::new(settings.clone()).await;
        let (_, first) = self.job(&stage, 0).await.unwrap();
        first.unwrap();
        stage.renderer.shutdown().await;
        let before = Footprint::at_rest().await;
        let others = entries(&PLACES);

        stage.renderer = Renderer::start(settings, stage.egress.clone())
            .await
            .unwrap();
        let mut tally = Tally::default();
        let mut ends = stream::iter(1..=jobs)
            .map(|number| self.job(&stage, number))
            .buffer_unordered(AT_A_TIME);
        while let Some(end) = ends.next().await {
            let (start, result) = end.unwrap_or_else(|_| panic!("a job hangs"));
            self.count(&mut tally, start, result);
            self.strike();
        }
        drop(ends);
        eprintln!("storm: {tally:?}");
        assert!(tally.pdfs * 5 > jobs as usize * 4, "{tally:?}");

        timeout(CAP, stage.renderer.shutdown()).await.unwrap();
        assert_eq!(directories(&self.work_dir), 0);
        // Not even dead ones that no one has waited for.
        let us = getpid().as_raw_nonzero().get();
        let left: Vec<Process> = all().into_iter().filter(|p| p.parent == us).collect();
        assert!(left.is_empty(), "{left:?}");
        assert!(of_browsers(&self.work_dir).is_empty());
        eventually("no file is left", || {
            entries(&PLACES)
                .iter()
                .all(|entry| others.contains(entry) || !is_chromiums(entry))
        })
        .await;
        assert_eq!(Footprint::at_rest().await, before);
    }

    /// A page with a part of its own, which it must not lose. Returns when it started and how it
    /// ended, unless it did not.
    async fn job(
        &self,
        stage: &Stage,
        number: u32,
    ) -> Result<(Instant, Result<(), RenderError>), Elapsed> {
        let start = Instant::now();
        let style = format!("p::after {{ content: ' of {number}' }}");
        let style = stage.site.serve(Answer::new("text/css", style));
        let path = stage.site.serve(Answer::html(format!(
            "<link rel=stylesheet href='{style}'><p>whole"
        )));
        let pdf = timeout(CAP, stage.render(&path, PdfOptions::default())).await?;
        let whole = |pdf: Pdf| assert_eq!(pdf.text().trim(), format!("whole of {number}"));
        Ok((start, pdf.map(whole)))
    }

    fn count(&self, tally: &mut Tally, start: Instant, result: Result<(), RenderError>) {
        match result {
            Ok(()) => tally.pdfs += 1,
            Err(RenderError::Retry(_)) => tally.to_be_retried += 1,
            Err(RenderError::Fail(failure)) if failure.code == FailureCode::PageCrashed => {
                // The page is only blamed when it was hit on both tries.
                let killed = self.killed_pages.lock().unwrap();
                assert!(killed.iter().filter(|at| **at >= start).count() >= 2);
                tally.crashed_twice += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Kills or stops a process of the browsers, now and then.
    fn strike(&self) {
        let mut random = self.random.lock().unwrap();
        if !random.random_ratio(1, 6) {
            return;
        }
        let processes = of_browsers(&self.work_dir);
        let kinds: [fn(&Process) -> bool; 6] = [
            Process::is_browser,
            |process| process.is("zygote"),
            |process| process.is("renderer"),
            |process| process.is("gpu-process"),
            Process::is_network_service,
            |_| true,
        ];
        let kind = random.random_range(0..kinds.len());
        let candidates: Vec<&Process> = processes.iter().filter(|p| kinds[kind](p)).collect();
        let (pick, stops) = (random.random::<u32>() as usize, random.random_ratio(1, 5));
        if candidates.is_empty() {
            return;
        }
        let hit = candidates[pick % candidates.len()];
        // A page's process that is stopped, or cannot be started because the zygote is, is like a page
        // in an endless loop, which has tests of its own.
        let signal = if stops && hit.is_browser() {
            Signal::STOP
        } else {
            Signal::KILL
        };
        if hit.is("renderer") || hit.is("zygote") {
            self.killed_pages.lock().unwrap().push(Instant::now());
        }
        // It may have ended by itself.
        let _ = kill_process(Pid::from_raw(hit.id).unwrap(), signal);
    }
}

/// What a process can leak.
#[derive(Debug, PartialEq, Eq)]
struct Footprint {
    /// What the open descriptors lead to, without what is different each time.
    descriptors: Vec<String>,
    threads: usize,
}

impl Footprint {
    /// Threads without work end a moment later, and so do connections of pages that are gone.
    async fn at_rest() -> Self {
        let mut last = Self::of_us();
        let start = Instant::now();
        let mut steady_since = start;
        while steady_since.elapsed() < Duration::from_secs(1) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = Self::of_us();
            assert!(start.elapsed() < CAP, "{now:?}");
            if now != last {
                steady_since = Instant::now();
                last = now;
            }
        }
        last
    }

    fn of_us() -> Self {
        let list = |what| {
            fs::read_dir(format!("/proc/self/{what}"))
                .unwrap()
                .flatten()
        };
        let lead_to = list("fd").filter_map(|entry| fs::read_link(entry.path()).ok());
        let kinds = lead_to.map(|place| {
            let place = place.to_string_lossy().into_owned();
            place.split('[').next().unwrap_or_default().to_owned()
        });
        let mut descriptors: Vec<String> = kinds.collect();
        descriptors.sort_unstable();
        Self {
            descriptors,
            threads: list("task").count(),
        }
    }
}

fn is_chromiums(entry: &Path) -> bool {
    let name = entry.to_string_lossy().to_lowercase();
    name.contains("chrom") || name.contains("com.google")
}
