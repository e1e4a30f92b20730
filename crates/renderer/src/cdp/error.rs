use std::time::Duration;

/// Why a command has no result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The browser is gone, or said something that is not the protocol.
    #[error("{method}: connection to the browser is closed")]
    ConnectionClosed { method: &'static str },
    /// The target of the session is gone; the browser itself lives.
    #[error("{method}: session is closed")]
    SessionClosed { method: &'static str },
    #[error("{method}: no answer within {after:?}")]
    TimedOut {
        method: &'static str,
        after: Duration,
    },
    /// The browser answered with an error.
    #[error("{method}: refused with {code}, {message}")]
    Refused {
        method: &'static str,
        code: i64,
        message: String,
    },
    #[error("{method}: parameters could not be encoded")]
    Encode {
        method: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error("{method}: answer has an unexpected shape")]
    Decode {
        method: &'static str,
        #[source]
        source: serde_json::Error,
    },
}

impl CallError {
    /// The whole browser is lost, not only this call.
    pub fn is_connection_closed(&self) -> bool {
        matches!(self, Self::ConnectionClosed { .. })
    }
}
