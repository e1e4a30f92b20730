//! From the command line to the exit code.

use std::{
    env,
    io::{Write, stderr, stdout},
    process::ExitCode,
};

use anyhow::Context;
use platen_telemetry::logs;

use crate::{
    Config, lambda,
    mode::{Mode, USAGE},
    poll,
};

/// The program: reads arguments and environment, and works until it is told to stop.
pub fn run() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where the log goes too; without standard error there is nobody to tell.
            let _ = writeln!(stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> anyhow::Result<()> {
    let mode = Mode::parse(env::args_os().skip(1))?;
    if mode == Mode::Help {
        return Ok(stdout().write_all(USAGE.as_bytes())?);
    }
    // What is not Unicode cannot be a value of ours, and other programs' variables may be.
    let environment = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let config = Config::read(&environment)?;
    logs::install(&config.log)?;
    announce(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("threads cannot be started")?;
    runtime.block_on(async {
        match mode {
            Mode::Poll => poll::run(&config).await,
            Mode::Lambda | Mode::Help => lambda::run(&config).await,
        }
    })
}

fn announce(config: &Config) {
    for name in &config.unknown {
        tracing::warn!(
            variable = name,
            "there is no such setting: is the name misspelt?"
        );
    }
    if !config.egress_allow.is_public_only() {
        tracing::warn!(
            allowed = %config.egress_allow,
            "pages may load from more than the public web"
        );
    }
}
