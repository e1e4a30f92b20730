//! The product on emulators of AWS: jobs go in through the API of the backend, two converters take
//! them out of the queue. Throughput is compared with that of the converters' renderers alone, in
//! the same run; what was asked of AWS is counted on the way, and priced.
//!
//! Emulators, backend, proxies and browsers share the cores that the renderers alone have for
//! themselves, so the ratio is a lower bound of what the product reaches on AWS. How much of the
//! machine each of them took is told.

mod ceiling;
mod cost;
mod cpu;
mod stack;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use platen_tests::Client;

use self::{
    cost::{Counts, Usage},
    cpu::CpuTime,
    stack::Stack,
};
use crate::{
    lambda,
    product::request_to_ready,
    report::{Report, version},
    stats::{Times, count, ms, per_second},
};

/// Jobs before those that count.
const WARM_UP: usize = 20;

#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Jobs submitted at once.
    #[arg(long, default_value_t = 1000)]
    jobs: usize,
    /// Users who submit them, one setting each: writes for one user wait for each other.
    #[arg(long, value_delimiter = ',', default_value = "1,8")]
    users: Vec<usize>,
    /// Converters at work.
    #[arg(long, default_value_t = 2)]
    converters: usize,
    /// Pages that each converter renders at a time.
    #[arg(long, default_value_t = 2)]
    concurrency: usize,
    /// Requests to the backend on their way at a time.
    #[arg(long, default_value_t = 8)]
    submitting: usize,
    /// Jobs submitted one by one, each when the one before is ready.
    #[arg(long, default_value_t = 50)]
    single: usize,
    /// Jobs of the renderers alone, before and after each setting.
    #[arg(long, default_value_t = 200)]
    ceiling: usize,
    /// Warm invocations of the function, whose length is priced.
    #[arg(long, default_value_t = 50)]
    invocations: usize,
    /// The Chromium that all use.
    #[arg(long, default_value = "/usr/bin/chromium-headless-shell")]
    chromium: PathBuf,
    /// Where the tables are written.
    #[arg(long, default_value = "results/pipeline.md")]
    out: PathBuf,
}

/// What came of one setting.
struct Outcome {
    users: usize,
    /// Jobs per second, from the first request to the last file that is recorded as ready.
    rate: f64,
    /// Of the renderers alone, jobs per second, before and after.
    ceiling: f64,
    /// From the first request to the last answer.
    submitting: Duration,
    /// From the request's answer to the first request of a browser for the page.
    waiting: Times,
    single: Single,
    counts: Counts,
    cpu: CpuTime,
    took: Duration,
}

/// Jobs of which there is one at a time.
struct Single {
    /// From the request's answer to the first request of a browser for the page.
    waiting: Times,
    /// From the request to the event that says `ready`.
    ready: Times,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let mut report = begin(&options)?;
    let mut outcomes = Vec::with_capacity(options.users.len());
    for &users in &options.users {
        outcomes.push(Box::pin(measure(&options, users)).await?);
    }
    throughput(&mut report, &options, &outcomes)?;
    latency(&mut report, &options, &outcomes)?;
    processes(&mut report, &outcomes)?;
    let invocation = {
        let site = crate::site::Site::start().await?;
        let cloud = platen_tests::Cloud::start().await?;
        let warm = lambda::warm(&cloud, &site, &options.chromium, options.invocations).await?;
        warm.iter()
            .map(|warm| warm.answered)
            .collect::<Times>()
            .mean()
    };
    for outcome in &outcomes {
        let usage = Usage {
            users: outcome.users,
            conversions: options.jobs,
            counts: &outcome.counts,
            invocation,
        };
        usage.tell(&mut report)?;
    }
    report.save(&options.out)
}

fn begin(options: &Options) -> anyhow::Result<Report> {
    let mut report = Report::new(
        "The product on emulators of AWS",
        &format!(
            "{} requests of a trivial page through the backend's API, {} at a time, with {} \
             converters (`bootstrap --poll`) of {} pages at a time, on emulators of SQS, DynamoDB \
             and S3 behind proxies that count.\nEvery user follows the events of their files, as a \
             browser does. All of it runs on one machine, and logs warnings only.",
            options.jobs, options.submitting, options.converters, options.concurrency
        ),
    )?;
    report.fact("Chromium", &version(&options.chromium)?)?;
    Ok(report)
}

async fn measure(options: &Options, users: usize) -> anyhow::Result<Outcome> {
    let before = ceiling::jobs_per_second(options).await?;
    let stack = Stack::start(options, users).await?;
    // URLs are numbered, so that the site can tell whose browser asks.
    let warm_up = 0..WARM_UP;
    let single = warm_up.end..warm_up.end + options.single;
    let jobs = single.end..single.end + options.jobs;
    submit(&stack, options.submitting, warm_up.clone()).await?;
    stack.until_ready(warm_up.end).await?;
    let single = one_by_one(&stack, single).await?;

    let counted = Counts::of(&stack.cloud);
    let cpu = CpuTime::so_far()?;
    let started = Instant::now();
    let submitted = async {
        let answered = submit(&stack, options.submitting, jobs.clone()).await?;
        anyhow::Ok((answered, started.elapsed()))
    };
    let ready = async {
        stack.until_ready(jobs.end).await?;
        anyhow::Ok(started.elapsed())
    };
    let ((answered, submitting), took) = tokio::try_join!(submitted, ready)?;
    let counts = Counts::of(&stack.cloud).since(&counted);
    let cpu = CpuTime::so_far()?.since(&cpu);
    stack.check(jobs.end).await?;
    let waiting = waiting(&stack, &answered)?;
    drop(stack);

    let after = ceiling::jobs_per_second(options).await?;
    Ok(Outcome {
        users,
        rate: per_second(options.jobs, took),
        ceiling: f64::midpoint(before, after),
        submitting,
        waiting,
        single,
        counts,
        cpu,
        took,
    })
}

/// Requests that many jobs, in turn for every user; returns when each was answered.
async fn submit(
    stack: &Stack,
    at_a_time: usize,
    jobs: std::ops::Range<usize>,
) -> anyhow::Result<BTreeMap<usize, Instant>> {
    stream::iter(jobs)
        .map(async |job| {
            stack.user(job).request(&stack.site.url_of(job)).await?;
            anyhow::Ok((job, Instant::now()))
        })
        .buffer_unordered(at_a_time)
        .try_collect()
        .await
}

async fn one_by_one(stack: &Stack, jobs: std::ops::Range<usize>) -> anyhow::Result<Single> {
    let user: &Client = stack.user(0);
    let mut events = user.events(None).await?;
    let (mut waiting, mut ready) = (Vec::new(), Vec::new());
    for job in jobs {
        let url = stack.site.url_of(job);
        let timed = request_to_ready(user, &url, &mut events).await?;
        let visited = stack.site.visited(job).context("nobody came")?;
        waiting.push(visited.saturating_duration_since(timed.answered));
        ready.push(timed.took);
    }
    Ok(Single {
        waiting: waiting.into_iter().collect(),
        ready: ready.into_iter().collect(),
    })
}

fn waiting(stack: &Stack, answered: &BTreeMap<usize, Instant>) -> anyhow::Result<Times> {
    answered
        .iter()
        .map(|(&job, &answered)| {
            let visited = stack.site.visited(job).context("nobody came")?;
            // A converter may be faster than the answer.
            Ok(visited.saturating_duration_since(answered))
        })
        .collect::<anyhow::Result<Vec<_>>>()
        .map(Times::from_iter)
}

fn throughput(report: &mut Report, options: &Options, outcomes: &[Outcome]) -> anyhow::Result<()> {
    report.heading("Throughput and time in queue")?;
    report.paragraph(&format!(
        "Jobs per second from the first request to the last file that is recorded as ready. The \
         ceiling is {} renderers of {} pages at a time, with the same pages, proxy, checks and \
         Chromium, and no queue, index or store: the mean of {} jobs before and as many after. In \
         queue: from the answer to the request to the first request of a browser for the page; as \
         all jobs are submitted at once, most of it is their number over the throughput.",
        options.converters, options.concurrency, options.ceiling
    ))?;
    report.table([
        "users",
        "jobs/s",
        "ceiling, jobs/s",
        "ratio",
        "accepted, requests/s",
        "in queue, p50 s",
        "in queue, p95 s",
    ])?;
    for outcome in outcomes {
        let seconds = |time: Duration| format!("{:.1}", time.as_secs_f64());
        report.row(&[
            outcome.users.to_string(),
            format!("{:.2}", outcome.rate),
            format!("{:.2}", outcome.ceiling),
            format!("**{:.2}**", outcome.rate / outcome.ceiling),
            format!("{:.1}", per_second(options.jobs, outcome.submitting)),
            seconds(outcome.waiting.p50()),
            seconds(outcome.waiting.percentile(95)),
        ])?;
    }
    Ok(())
}

fn latency(report: &mut Report, options: &Options, outcomes: &[Outcome]) -> anyhow::Result<()> {
    report.heading("One job at a time")?;
    report.paragraph(&format!(
        "{} jobs, each submitted when the one before was ready. The event comes out of DynamoDB, \
         which the backend asks a few times a second.",
        options.single
    ))?;
    report.table([
        "users",
        "in queue, p50 ms",
        "in queue, p95 ms",
        "request to event `ready`, p50 ms",
        "p95 ms",
    ])?;
    for Outcome { users, single, .. } in outcomes {
        report.row(&[
            users.to_string(),
            ms(single.waiting.p50()),
            ms(single.waiting.percentile(95)),
            ms(single.ready.p50()),
            ms(single.ready.percentile(95)),
        ])?;
    }
    Ok(())
}

fn processes(report: &mut Report, outcomes: &[Outcome]) -> anyhow::Result<()> {
    report.heading("Who used the machine")?;
    report.paragraph(
        "CPU time per conversion, in ms, while the jobs of the first table ran. Of browsers that \
         were replaced meanwhile a part is missing.",
    )?;
    report.table(["users", "program", "ms per conversion", "of the machine"])?;
    for outcome in outcomes {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let machine = outcome.took.as_secs_f64() * count(cores);
        let conversions = outcome.rate * outcome.took.as_secs_f64();
        for (program, time) in outcome.cpu.by_program() {
            let seconds = time.as_secs_f64();
            report.row(&[
                outcome.users.to_string(),
                program.to_owned(),
                format!("{:.1}", seconds * 1000.0 / conversions),
                format!("{:.0} %", seconds / machine * 100.0),
            ])?;
        }
    }
    ensure!(!outcomes.is_empty(), "nothing was measured");
    Ok(())
}
