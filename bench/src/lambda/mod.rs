//! The Lambda function against Chromium's own command line. Cold: from the start of the process,
//! while the event already waits, to the first PDF that is stored, against one run of
//! `chromium-headless-shell --print-to-pdf` of the same page, in turns. Warm: from event to answer.

mod function;
mod one_shot;

use std::path::PathBuf;

use clap::Args;
use platen_tests::Cloud;

pub(crate) use self::function::MEMORY_MB;
use self::function::{Function, Invocation};
use crate::{
    report::{Report, version},
    site::Site,
    stats::{Times, ms, ratio},
};

/// Invocations of a fresh environment before those that count as warm.
const WARM_UP: usize = 5;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Cold starts, and as many runs of the browser's command line.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Warm invocations, one after the other, of one message each.
    #[arg(long, default_value_t = 100)]
    invocations: usize,
    /// The Chromium that both use.
    #[arg(long, default_value = "/usr/bin/chromium-headless-shell")]
    chromium: PathBuf,
    /// Where the table is written.
    #[arg(long, default_value = "results/lambda.md")]
    out: PathBuf,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let site = Site::start().await?;
    let cloud = Cloud::start().await?;
    let url = site.url_of(0);

    let mut cold = Vec::with_capacity(options.rounds);
    let mut one_shot = Vec::with_capacity(options.rounds);
    // One more than count: the first of each reads the programs from disk.
    for round in 0..=options.rounds {
        // Whoever goes second finds a warmer machine: take turns.
        let (function, printed) = if round % 2 == 0 {
            let function = first_invocation(&cloud, &site, &options).await?;
            (function, one_shot::print(&options.chromium, &url).await?)
        } else {
            let printed = one_shot::print(&options.chromium, &url).await?;
            (first_invocation(&cloud, &site, &options).await?, printed)
        };
        if round > 0 {
            cold.push(function);
            one_shot.push(printed);
        }
    }
    let warm = warm(&cloud, &site, &options.chromium, options.invocations).await?;

    let mut report = Report::new(
        "The Lambda function",
        "The release binary under a Runtime API, with emulators of DynamoDB and S3 that were built \
         without optimisation, one trivial page per event.\nCold begins with the start of the \
         process; the event waits for it. The command line is \
         `chromium-headless-shell --headless --no-sandbox --print-to-pdf`, from its start to its \
         end.\nOne after the other, in turns, and the first of each not counted. What AWS adds \
         before the process starts is in neither.",
    )?;
    report.fact("Chromium", &version(&options.chromium)?)?;
    report.fact("Cold starts", &options.rounds.to_string())?;
    report.fact("Warm invocations", &options.invocations.to_string())?;
    let one_shot: Times = one_shot.into_iter().collect();
    let stored: Times = cold.iter().map(|cold| cold.stored).collect();
    report.table(["what", "p50, ms", "p95, ms"])?;
    let rows = [
        ("cold: start to PDF stored", &stored),
        (
            "cold: start to answer",
            &cold.iter().map(|cold| cold.answered).collect(),
        ),
        ("the browser's command line", &one_shot),
        (
            "warm: event to PDF stored",
            &warm.iter().map(|warm| warm.stored).collect(),
        ),
        (
            "warm: event to answer",
            &warm.iter().map(|warm| warm.answered).collect(),
        ),
    ];
    for (what, times) in rows {
        report.row(&[what.to_owned(), ms(times.p50()), ms(times.percentile(95))])?;
    }
    report.paragraph(&format!(
        "Cold start to first PDF over the command line, p50: **{:.2}** (at most 1 is the bar).",
        ratio(stored.p50(), one_shot.p50()),
    ))?;
    report.save(&options.out)
}

async fn first_invocation(
    cloud: &Cloud,
    site: &Site,
    options: &Options,
) -> anyhow::Result<Invocation> {
    Function::cold(cloud, site, &options.chromium).await
}

/// Invocations of one message each of an environment that has had some before.
pub(crate) async fn warm(
    cloud: &Cloud,
    site: &Site,
    chromium: &std::path::Path,
    invocations: usize,
) -> anyhow::Result<Vec<Invocation>> {
    let function = Function::start(cloud, site, chromium).await?;
    let mut measured = Vec::with_capacity(invocations);
    for number in 0..WARM_UP + invocations {
        let invocation = function.invoke().await?;
        if number >= WARM_UP {
            measured.push(invocation);
        }
    }
    Ok(measured)
}
