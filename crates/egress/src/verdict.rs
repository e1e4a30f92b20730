//! What became of a connection that did not succeed.

use std::fmt;

use http::StatusCode;

use crate::destination::Destination;

/// Name of the header that carries a [`Verdict`] on the proxy's own answers. It is removed from
/// the answers of origins, so that none can speak in the proxy's name.
pub const VERDICT_HEADER: &str = "platen-egress";

/// Why the proxy answered in an origin's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The destination is not on the public internet, or not on an open port.
    Blocked,
    /// The name could not be resolved.
    DnsFailure,
    /// No vetted address accepted a connection, or the origin broke HTTP.
    ConnectFailed,
    /// As [`Self::ConnectFailed`], for want of an answer in time.
    TimedOut,
    /// The job has used up its bytes.
    BudgetSpent,
    /// The request to the proxy was not one that a browser sends.
    BadRequest,
}

impl Verdict {
    /// The header's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::DnsFailure => "dns-failure",
            Self::ConnectFailed => "connect-failed",
            Self::TimedOut => "timed-out",
            Self::BudgetSpent => "budget-spent",
            Self::BadRequest => "bad-request",
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Blocked | Self::BudgetSpent => StatusCode::FORBIDDEN,
            Self::DnsFailure | Self::ConnectFailed => StatusCode::BAD_GATEWAY,
            Self::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            Self::BadRequest => StatusCode::BAD_REQUEST,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A destination and the last verdict on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub destination: Destination,
    pub verdict: Verdict,
}
