//! Build steps that cargo alone does not do.
//!
//! `cargo xtask frontend` builds the web app's bundle into `frontend/dist`, where the backend
//! embeds it from. `cargo xtask sbom PACKAGE` tells what a program is made of.

mod frontend;
mod sbom;

use std::{env, process::ExitCode};

use anyhow::{Result, bail};

const USAGE: &str = "usage: cargo xtask frontend [--dev] | sbom PACKAGE

  frontend        build the web app into frontend/dist, optimised and precompressed
  frontend --dev  the same, unoptimised: quick, and larger than what is served to people
  sbom PACKAGE    a bill of materials (CycloneDX) of the crates in a program, on standard output";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["frontend"] => frontend::build(frontend::Mode::Release),
        ["frontend", "--dev"] => frontend::build(frontend::Mode::Dev),
        ["sbom", package] => {
            report::line(&sbom::describe(package)?);
            Ok(())
        }
        _ => bail!("{USAGE}"),
    }
}

/// What this program says is for the person who started it: there is no log to send it to.
mod report {
    use std::io::Write;

    pub(crate) fn line(text: &str) {
        // A closed pipe is no reason to fail the build.
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    pub(crate) fn error(error: &anyhow::Error) {
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
    }
}
