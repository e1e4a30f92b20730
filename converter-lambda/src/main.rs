//! The program `bootstrap`.

use std::process::ExitCode;

fn main() -> ExitCode {
    converter_lambda::run()
}
