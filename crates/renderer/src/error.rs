use std::io;

use platen_api_types::{Failure, FailureCode};

use crate::{browser::LaunchError, cdp::CallError, fleet::TabError};

/// Why there is no renderer.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("leftovers of earlier browsers could not be removed")]
    Sweep(#[source] io::Error),
    #[error(transparent)]
    Launch(#[from] LaunchError),
}

/// Why a job has no PDF. The type says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The page is the reason, and would be again.
    #[error("page failed: {}", .0.code)]
    Fail(Failure),
    /// The page is not known to be the reason: try again.
    #[error("renderer failed")]
    Retry(#[from] RetryReason),
    /// The caller no longer wants the PDF.
    #[error("cancelled")]
    Cancelled,
}

/// What went wrong on our side.
#[derive(Debug, thiserror::Error)]
pub enum RetryReason {
    #[error("browser was lost during the job")]
    BrowserLost(#[source] CallError),
    #[error("browser has lost a process that it cannot do without")]
    BrowserBroken,
    #[error("browser answered unexpectedly")]
    Protocol(#[source] CallError),
    #[error("no page to work in")]
    Tab(#[from] TabError),
    #[error("pdf is not as chromium is known to write it: {0}")]
    UnknownPdf(&'static str),
    #[error("renderer is shutting down")]
    ShuttingDown,
}

impl RenderError {
    /// `code` with its usual sentence.
    pub(crate) fn fail(code: FailureCode) -> Self {
        Self::Fail(code.into())
    }

    /// `code` with a sentence about this very case, in place of the usual one.
    pub(crate) fn fail_with(code: FailureCode, detail: impl Into<String>) -> Self {
        Self::Fail(Failure {
            code,
            detail: detail.into(),
        })
    }
}
