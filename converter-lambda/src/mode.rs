//! What the command line asks for.

use std::ffi::OsString;

pub(crate) const USAGE: &str = "\
Turns queued requests into PDFs.

  bootstrap          as a Lambda function: takes SQS events from Lambda's Runtime API
  bootstrap --poll   as a worker: polls the queue itself, until SIGTERM
";

/// Who brings the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Lambda, which has read them from the queue.
    Lambda,
    /// This process.
    Poll,
    /// Nobody: only the usage is asked for.
    Help,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no option {0:?}: start it with --poll, or with nothing in Lambda")]
pub(crate) struct UnknownOption(OsString);

impl Mode {
    /// `arguments` without the program's name.
    pub(crate) fn parse(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, UnknownOption> {
        let mut mode = Self::Lambda;
        for argument in arguments {
            mode = match argument.to_str() {
                Some("--poll") => Self::Poll,
                Some("--help" | "-h") => return Ok(Self::Help),
                _ => return Err(UnknownOption(argument)),
            };
        }
        Ok(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<const N: usize>(arguments: [&str; N]) -> Result<Mode, UnknownOption> {
        Mode::parse(arguments.map(OsString::from))
    }

    #[test]
    fn nothing_means_lambda() {
        assert_eq!(parse([]), Ok(Mode::Lambda));
        assert_eq!(parse(["--poll"]), Ok(Mode::Poll));
        assert_eq!(parse(["--poll", "-h"]), Ok(Mode::Help));
        assert!(parse(["poll"]).is_err());
    }
}
