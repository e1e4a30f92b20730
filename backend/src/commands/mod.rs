//! The command line. One file per subcommand.

mod config;
mod migrate;
mod openapi;
mod serve;

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::{Parser, Subcommand};
use platen_pipeline_aws::Aws;

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
}

/// Runs the program that the command line asks for.
pub fn run() -> ExitCode {
    match dispatch(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Also on a closed standard error there is nothing better to do than to end.
            writeln!(io::stderr(), "platen: {}", platen_telemetry::Chain(&*error)).ok();
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: &Cli) -> anyhow::Result<()> {
    match cli.command {
        None | Some(Command::Serve) => on_runtime(serve::run()),
        Some(Command::Migrate) => on_runtime(migrate::run()),
        Some(Command::Config { reference }) => on_runtime(config::run(reference)),
        Some(Command::Openapi) => openapi::run(),
    }
}

fn on_runtime(command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
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
