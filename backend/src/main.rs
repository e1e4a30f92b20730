//! The `platen` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    platen::run()
}
