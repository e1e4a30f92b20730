//! `platen save`: pages to PDFs by a server, as programs would do it with the API.

mod api;
mod error;
mod key;
mod progress;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;
use platen_api_types::{File, FileStatus, NewRequests, ProblemCode, Stage, limits};
use platen_converter::Shutdown;
use platen_pipeline::FileName;
use secrecy::SecretString;

use self::{api::Api, error::SaveError, progress::Progress};
use super::{
    flags::Flags,
    output::{Output, OutputError},
    saved::Saved,
};

const EXIT_CODES: &str = "\
Exit codes:
  0  all PDFs are there
  1  something is wrong with this machine
  2  the arguments cannot be used, the key among them
  3  a page cannot be had; trying again would not help
  4  it did not work this time; try again
  130  interrupted
Of several pages, the first that failed decides.";

/// Pauses between two looks at a page: short at first, for many pages take a second. Looking is what
/// gets through every proxy, where a stream of events may be held back.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Between two tries for requests that found no place. Among many answers none has a `Retry-After`, and
/// a place is free when a page of somebody's is done, which takes some seconds.
const PLACES_MAY_BE_FREE: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// The pages: http or https, reachable from the server
    #[arg(required = true, num_args = 1.., value_name = "URL")]
    urls: Vec<String>,
    /// Address of the Platen that saves them
    #[arg(long, value_name = "URL", env = "PLATEN_SERVER")]
    server: String,
    /// API key with the scopes files:read and files:write. Others can read it in the list of processes: rather set
    /// the variable, or use --key-file
    #[arg(long, env = "PLATEN_KEY", hide_env_values = true, value_parser = secret)]
    key: Option<SecretString>,
    /// File that holds the API key, `-` for standard input
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Where the PDF goes, `-` for standard output; left out: here, named as on the server
    #[arg(short, long, value_name = "FILE", conflicts_with = "no_download")]
    output: Option<PathBuf>,
    /// Leave the PDFs on the server, and print their addresses
    #[arg(long)]
    no_download: bool,
    /// How long to wait for all of it
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    patience: u32,
    /// Say nothing but what went wrong
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    flags: Flags,
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a value parser")]
fn secret(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(text.into())
}

pub(super) async fn run(arguments: Arguments) -> ExitCode {
    let patience = Duration::from_secs(arguments.patience.into());
    let work = async {
        let shutdown = Shutdown::follow_signals().map_err(SaveError::Signals)?;
        let work = tokio::time::timeout(patience, Box::pin(save(arguments)));
        match shutdown.stopping.run_until_cancelled(work).await {
            None => Err(SaveError::Interrupted),
            Some(Err(_)) => Err(SaveError::Patience(patience)),
            Some(Ok(result)) => result,
        }
    };
    match work.await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            super::tell(&error.told());
            ExitCode::from(error.exit_code())
        }
    }
}

/// Saves all that can be saved. The exit code is that of the first that could not.
async fn save(arguments: Arguments) -> Result<u8, SaveError> {
    let Arguments {
        urls,
        server,
        key,
        key_file,
        output,
        no_download,
        quiet,
        flags,
        ..
    } = arguments;
    if urls.len() > *limits::URLS.end() {
        return Err(SaveError::TooMany);
    }
    if output.is_some() && urls.len() > 1 {
        return Err(SaveError::OneOutput);
    }
    // Before anything is asked for: a PDF that has no place to go is of no use.
    let output = output.map(Output::named).transpose()?;
    let options = flags.options()?;
    let key = key::find(key, key_file.as_deref())?;
    let mut job = Job {
        api: Api::new(&server, &key)?,
        progress: Progress::new(urls.len(), quiet),
        quiet,
        download: !no_download,
    };
    let mut first_failure = None;
    for (url, accepted) in job.ask(NewRequests { urls, options }).await? {
        job.progress.now(&url);
        let result = match accepted {
            Ok(file) => job.fetch(file, output.clone()).await,
            Err(error) => Err(error),
        };
        job.progress.one_done();
        if let Err(error) = result {
            if error.concerns_all() {
                return Err(error);
            }
            super::tell(&format_args!("{url}: {}", error.told()));
            first_failure.get_or_insert(error.exit_code());
        }
    }
    Ok(first_failure.unwrap_or(0))
}

struct Job {
    api: Api,
    progress: Progress,
    quiet: bool,
    download: bool,
}

type Accepted = (String, Result<File, SaveError>);

impl Job {
    /// Asks for all pages, again for those that there was no place for.
    async fn ask(&self, new: NewRequests) -> Result<Vec<Accepted>, SaveError> {
        // The same for every try: what was accepted before is answered again.
        let name = uuid::Uuid::now_v7().to_string();
        loop {
            let results = self.api.request(&new, &name).await?;
            let mut problems = results.iter().filter_map(|one| one.problem.as_ref());
            if problems.any(|problem| problem.code == ProblemCode::RateLimited) {
                self.progress.say("waiting for earlier requests");
                tokio::time::sleep(PLACES_MAY_BE_FREE).await;
                continue;
            }
            let judged = results.into_iter().map(|one| {
                let file = match (one.file, one.problem) {
                    (Some(file), _) => Ok(file),
                    (None, Some(problem)) => Err(SaveError::Problem(Box::new(problem))),
                    (None, None) => Err(self.api.foreign()),
                };
                (one.url, file)
            });
            return Ok(judged.collect());
        }
    }

    /// Waits for one PDF and puts it where it belongs.
    async fn fetch(&self, file: File, output: Option<Output>) -> Result<(), SaveError> {
        let file = self.finished(file).await?;
        let name: FileName = file.name.parse().map_err(|_| self.api.foreign())?;
        if !self.download {
            return Ok(super::print(&format!("{}\n", self.api.address(&name)))?);
        }
        // Named by the server, whose names hold nothing that leads elsewhere.
        let output = output.unwrap_or_else(|| Output::New(PathBuf::from(name.as_str())));
        let mut draft = output.begin()?;
        let mut pdf = self.api.download(&name).await?;
        while let Some(chunk) = pdf.next().await? {
            draft.write(&chunk)?;
        }
        let place = draft.finish()?;
        if !self.quiet {
            self.progress.clear();
            super::tell(&Saved {
                place,
                pages: file.pages.unwrap_or(0),
                size: file.size.unwrap_or(0),
                complete: true,
            });
        }
        Ok(())
    }

    async fn finished(&self, mut file: File) -> Result<File, SaveError> {
        let mut pause = FIRST_PAUSE;
        loop {
            match file.status {
                FileStatus::Ready => return Ok(file),
                FileStatus::Deleting => return Err(SaveError::Deleted),
                FileStatus::Failed => {
                    return Err(file.reason.map_or(SaveError::Deleted, SaveError::Failed));
                }
                FileStatus::Queued | FileStatus::Rendering => {}
            }
            let stage = file.stage.map(Stage::as_str);
            self.progress.say(stage.unwrap_or(file.status.as_str()));
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            file = self.api.state(file.id).await?;
        }
    }
}
