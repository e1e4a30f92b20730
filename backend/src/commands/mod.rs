//! The command line. One file per subcommand.

mod completions;
mod config;
mod flags;
mod get;
mod man;
mod migrate;
mod openapi;
mod output;
mod save;
mod saved;
mod serve;

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::{Parser, Subcommand};
use clap_complete::Shell;
use platen_pipeline_aws::Aws;
use platen_thumbnail::Width;

use crate::config::{Config, Effective, Sources, Vault};

/// How long threads may go on when the program has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Saves web pages as PDFs: a site, an API and a converter in one program.
#[derive(Debug, Parser)]
#[command(name = "platen", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site and the API, and convert pages (the default)
    Serve,
    /// Save one page as a PDF, without a server
    Get(Box<get::Arguments>),
    /// Have a server save pages, and fetch the PDFs
    Save(Box<save::Arguments>),
    /// Bring the databases to the current schema, then end; `serve` does so by itself
    Migrate,
    /// Print the configuration in force, with documentation and without secrets
    Config {
        /// Print the reference of all settings as Markdown instead
        #[arg(long)]
        reference: bool,
    },
    /// Print the OpenAPI document of the API
    Openapi,
    /// Print what makes a shell complete this command line: `eval "$(platen completions bash)"`
    Completions { shell: Shell },
    /// Print the manual: `platen man | man -l -`
    Man,
    /// Draw the PDF on standard input. For the server, which runs this on what it does not trust
    #[command(hide = true, name = platen_thumbnail::COMMAND)]
    DrawThumbnail {
        #[arg(value_parser = drawn_width)]
        width: Width,
    },
}

/// Runs the program that the command line asks for.
pub fn run() -> ExitCode {
    let result = match Cli::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => on_runtime(serve::run()),
        Command::Get(arguments) => match on_runtime(async { Ok(get::run(*arguments).await) }) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Save(arguments) => match on_runtime(async { Ok(save::run(*arguments).await) }) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Migrate => on_runtime(migrate::run()),
        Command::Config { reference } => on_runtime(config::run(reference)),
        Command::Openapi => openapi::run(),
        Command::Completions { shell } => completions::run(shell),
        Command::Man => man::run(),
        Command::DrawThumbnail { width } => return platen_thumbnail::draw_and_exit(width),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&platen_telemetry::Chain(&*error));
            ExitCode::FAILURE
        }
    }
}

fn on_runtime<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime does not start")?;
    let result = runtime.block_on(command);
    // A thread that still hashes or writes must not hold up the end.
    runtime.shutdown_timeout(LAST_WORDS);
    result
}

/// The configuration, the values in force, and variables that look like ours and are not.
async fn load() -> anyhow::Result<(Config, Vec<Effective>, Vec<String>)> {
    let mut sources = Sources::find()?;
    if sources.refer_to_aws() {
        let aws = Aws::from_env().await;
        let aws = aws.context("settings are to be looked up on AWS")?;
        sources.look_up(&Vault::new(aws.sdk_config())).await;
    }
    let (config, effective) = Config::load(&sources)?;
    let unknown = sources.unknown_variables().map(str::to_owned).collect();
    Ok((config, effective, unknown))
}

/// One line for people, beside what the command is for.
fn tell(what: &dyn fmt::Display) {
    // On a closed standard error there is nothing better to do than to go on.
    writeln!(io::stderr(), "platen: {what}").ok();
}

/// Prints what the command is for; a reader that has seen enough is no error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(()),
    }
}

fn drawn_width(pixels: &str) -> Result<Width, String> {
    let width = pixels.parse().ok().and_then(Width::of_pixels);
    width.ok_or_else(|| "no width that pictures have".to_owned())
}
