//! Why a URL was refused, for the log and for the person who typed it.

use crate::policy::BlockReason;

/// A URL that was refused when it was handed in. The two kinds are different problems to a client:
/// `invalid_url` and `destination_blocked`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    /// Not a URL of a web page.
    #[error("invalid url")]
    Invalid(#[source] InvalidUrl),
    /// A URL of a place that is not on the public internet.
    #[error("destination blocked")]
    Blocked(#[source] BlockReason),
}

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    #[error("the url is empty")]
    Empty,
    #[error("the url is longer than 2048 bytes")]
    TooLong,
    #[error("the url holds a control character")]
    ControlCharacter,
    #[error("the url starts or ends with a space")]
    SurroundingSpace,
    #[error("the url has no scheme")]
    NoScheme,
    #[error("the scheme is not http or https")]
    Scheme,
    #[error("the scheme is not followed by exactly two slashes")]
    Slashes,
    #[error("the url holds a backslash")]
    Backslash,
    #[error("the url has no host")]
    NoHost,
    #[error("the url holds a user name or password")]
    Credentials,
    #[error("the host name cannot exist in DNS")]
    HostName,
    #[error("the url cannot be parsed")]
    Syntax(#[source] url::ParseError),
}

impl UrlRefusal {
    pub(crate) fn of(reason: BlockReason) -> Self {
        match reason {
            BlockReason::MalformedName => Self::Invalid(InvalidUrl::HostName),
            other => Self::Blocked(other),
        }
    }

    /// What happened and what to do, as one or two sentences for people.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Invalid(problem) => problem.advice(),
            Self::Blocked(reason) => reason.advice(),
        }
    }
}

impl From<InvalidUrl> for UrlRefusal {
    fn from(problem: InvalidUrl) -> Self {
        Self::Invalid(problem)
    }
}

impl InvalidUrl {
    fn advice(self) -> &'static str {
        match self {
            Self::Empty => "The address is empty. Paste the address of a web page.",
            Self::TooLong => {
                "The address is longer than 2048 bytes. Use a shorter link to the page."
            }
            Self::ControlCharacter => {
                "The address holds line breaks or invisible control characters. Copy it again, in one line."
            }
            Self::SurroundingSpace => "Remove the spaces before and after the address.",
            Self::NoScheme => "Start the address with https:// or http://.",
            Self::Scheme => {
                "Only web pages can be saved: use an address that starts with https:// or http://."
            }
            Self::Slashes => "Write exactly two slashes after the colon: https:// or http://.",
            Self::Backslash => "The address holds a backslash. Use forward slashes.",
            Self::NoHost => "The address names no site. Write it as https://example.com/page.",
            Self::Credentials => {
                "Remove the user name and password before the @. Pages that need a sign-in cannot be saved this way."
            }
            Self::HostName => "There can be no site of that name. Check its spelling.",
            Self::Syntax(problem) => match problem {
                url::ParseError::InvalidPort => {
                    "The port is not a number up to 65535. Correct it or leave it out."
                }
                url::ParseError::EmptyHost => {
                    "The address names no site. Write it as https://example.com/page."
                }
                _ => "There can be no site of that name. Check its spelling.",
            },
        }
    }
}

impl BlockReason {
    fn advice(self) -> &'static str {
        match self {
            Self::Address(_) => {
                "The address belongs to a private or reserved network. Only pages on the public internet can be saved; the operator can allow others."
            }
            Self::PrivateDomain(_) | Self::SingleLabel => {
                "The name belongs to a local network. Only pages on the public internet can be saved; the operator can allow others."
            }
            Self::MalformedName => "There can be no site of that name. Check its spelling.",
            Self::Port => {
                "Only pages on ports 80 and 443 can be saved. Remove the port from the address, or ask the operator to allow it."
            }
        }
    }
}
