//! The process that draws: a PDF comes in, a picture goes out, and the exit code says the rest.

use std::{
    io::{self, Read as _, Write as _},
    process::ExitCode,
};

use crate::{Undrawable, Width, draw, limits};

/// Name of the subcommand that runs [`draw_and_exit`]. Its argument is the width in pixels.
pub const COMMAND: &str = "draw-thumbnail";

/// Draws what stands on standard input to standard output. Nothing but that is possible afterwards.
pub fn draw_and_exit(width: Width) -> ExitCode {
    if limits::confine().is_err() {
        return ExitCode::FAILURE;
    }
    let mut pdf = Vec::new();
    match io::stdin().lock().read_to_end(&mut pdf) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
            return ExitCode::from(Undrawable::TooMuch.exit_code());
        }
        Err(_) => return ExitCode::FAILURE,
    }
    match draw(pdf, width) {
        Ok(picture) => tell(&picture).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
        Err(undrawable) => ExitCode::from(undrawable.exit_code()),
    }
}

fn tell(picture: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(picture)?;
    out.flush()
}
