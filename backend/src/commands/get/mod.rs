//! `platen get`: one page, straight to a file, without a server.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use futures::TryStreamExt as _;
use platen_converter::Shutdown;
use platen_egress::{TargetUrl, UrlRefusal};
use platen_renderer::{RenderError, RenderJob, Renderer};
use platen_telemetry::Chain;
use tokio_util::sync::CancellationToken;

use super::{
    flags::{FlagError, Flags},
    output::{Output, OutputError},
    saved::Saved,
};
use crate::compose;

const EXIT_CODES: &str = "\
Exit codes:
  0  the PDF is there
  1  something is wrong with this machine or its configuration
  2  the arguments cannot be used
  3  the page cannot be had; trying again would not help
  4  it did not work this time; try again
  130  interrupted";

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// The page: http or https, on the public internet
    url: String,
    /// Where the PDF goes, `-` for standard output; left out: here, named after the page
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Say nothing but what went wrong
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    flags: Flags,
}

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
enum GetError {
    #[error("{}", .0.advice())]
    Url(UrlRefusal),
    #[error(transparent)]
    Flags(#[from] FlagError),
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Machine(#[from] anyhow::Error),
}

impl GetError {
    /// As the help says.
    fn exit_code(&self) -> u8 {
        match self {
            Self::Machine(_) | Self::Output(_) => 1,
            Self::Url(_) | Self::Flags(_) => 2,
            Self::Render(RenderError::Fail(_)) => 3,
            Self::Render(RenderError::Retry(_)) => 4,
            // By a signal, as shells tell it.
            Self::Render(RenderError::Cancelled) => 130,
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Render(RenderError::Fail(failure)) => {
                format!("{} ({})", failure.detail, failure.code)
            }
            Self::Render(RenderError::Cancelled) => "interrupted".to_owned(),
            Self::Machine(error) => Chain(&**error).to_string(),
            other => Chain(other).to_string(),
        }
    }
}

pub(super) async fn run(arguments: Arguments) -> ExitCode {
    let quiet = arguments.quiet;
    match Box::pin(get(arguments)).await {
        Ok(saved) => {
            if !quiet {
                super::tell(&saved);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            super::tell(&error.told());
            ExitCode::from(error.exit_code())
        }
    }
}

async fn get(arguments: Arguments) -> Result<Saved, GetError> {
    let options = arguments.flags.options()?;
    let (config, _, _) = super::load().await?;
    let url =
        TargetUrl::parse(&arguments.url, &config.conversion.egress_allow).map_err(GetError::Url)?;
    let output = Output::wanted(arguments.output, &url)?;
    let shutdown = Shutdown::follow_signals().map_err(anyhow::Error::from)?;
    let renderer = compose::start_renderer(&config).await?;
    let job = RenderJob::new(url, options);
    let saved = save(&renderer, job, output, shutdown.stopping.clone()).await;
    renderer.shutdown().await;
    saved
}

async fn save(
    renderer: &Renderer,
    job: RenderJob,
    output: Output,
    interrupted: CancellationToken,
) -> Result<Saved, GetError> {
    let mut printed = renderer.render(job, interrupted.clone()).await?;
    let mut draft = output.begin()?;
    while let Some(chunk) = interrupted
        .run_until_cancelled(printed.pdf.try_next())
        .await
        .unwrap_or(Err(RenderError::Cancelled))?
    {
        draft.write(&chunk)?;
    }
    let place = draft.finish()?;
    let facts = printed.outcome.facts().await;
    let facts = facts.ok_or(RenderError::Cancelled)?;
    Ok(Saved {
        place,
        pages: facts.pages,
        size: facts.size,
        complete: printed.page.complete,
    })
}
