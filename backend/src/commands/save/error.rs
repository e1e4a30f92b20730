//! What may go wrong, and what it means to a script.

use std::{io, path::PathBuf, time::Duration};

use platen_api_types::{Failure, FailureCode, Problem, ProblemCode, limits};
use platen_telemetry::Chain;

use super::{super::flags::FlagError, OutputError};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub(super) enum SaveError {
    #[error("at most {} pages can be saved at a time", limits::URLS.end())]
    TooMany,
    #[error("--output names one file: leave it out to save several pages")]
    OneOutput,
    #[error(transparent)]
    Flags(#[from] FlagError),
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Machine(#[from] anyhow::Error),
    #[error("signals cannot be listened to")]
    Signals(#[source] io::Error),
    #[error("{0:?} is no address of a server: name one such as https://platen.example")]
    Server(String),
    #[error("no API key: set PLATEN_KEY, or name a file that holds one with --key-file")]
    NoKey,
    #[error("this cannot be an API key: copy it again, or make another one")]
    BadKey,
    #[error("the key cannot be read from {}", path.display())]
    KeyFile {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the certificates that this machine trusts cannot be read")]
    Trust(#[source] io::Error),
    #[error("{server} cannot be reached: check the address, and that Platen runs there")]
    Unreachable {
        server: String,
        #[source]
        source: Cause,
    },
    #[error("{server} does not answer as Platen does: check the address")]
    Foreign { server: String },
    #[error("{} ({})", .0.detail, .0.code)]
    Problem(Box<Problem>),
    #[error("{} ({})", .0.detail, .0.code)]
    Failed(Failure),
    #[error("the file was deleted in the meantime")]
    Deleted,
    #[error(
        "not done within {} s: the server goes on; wait longer with --patience",
        .0.as_secs()
    )]
    Patience(Duration),
    #[error("interrupted")]
    Interrupted,
}

impl SaveError {
    /// As the help says.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Machine(_) | Self::Output(_) | Self::Signals(_) | Self::Trust(_) => 1,
            Self::TooMany
            | Self::OneOutput
            | Self::Flags(_)
            | Self::Server(_)
            | Self::NoKey
            | Self::BadKey
            | Self::KeyFile { .. }
            | Self::Foreign { .. } => 2,
            Self::Problem(problem) => of_problem(problem),
            Self::Failed(failure) if failure.code == FailureCode::InternalError => 4,
            Self::Failed(_) => 3,
            Self::Unreachable { .. } | Self::Deleted | Self::Patience(_) => 4,
            // By a signal, as shells tell it.
            Self::Interrupted => 130,
        }
    }

    /// Nothing else would succeed either.
    pub(super) fn concerns_all(&self) -> bool {
        match self {
            Self::Problem(problem) => matches!(problem.status, 401 | 403),
            Self::Unreachable { .. } | Self::Foreign { .. } | Self::Machine(_) => true,
            _ => false,
        }
    }

    pub(super) fn told(&self) -> String {
        match self {
            // What the server says of tokens is meant for people who sign in.
            Self::Problem(problem) if problem.status == 401 => format!(
                "the server does not accept this key ({}): it may have expired or been deleted; make \
                 another one with the scopes files:read and files:write, and set PLATEN_KEY to it",
                problem.code
            ),
            Self::Machine(error) => Chain(&**error).to_string(),
            other => Chain(other).to_string(),
        }
    }
}

/// Too much at once passes, and so do troubles of the server's; a full library does not.
fn of_problem(problem: &Problem) -> u8 {
    match problem.status {
        _ if problem.code == ProblemCode::QuotaExceeded => 3,
        // Gone in the meantime.
        404 | 429 | 500.. => 4,
        _ => 2,
    }
}
