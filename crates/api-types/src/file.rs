//! Requests and the files they become.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{FileId, PdfOptions, Problem, Stage, object};

macro_rules! failures {
    ($($(#[$doc:meta])* $variant:ident = $code:tt, $sentence:literal;)*) => {
        /// Why a file has no PDF, for programs. The value never changes once published.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[non_exhaustive]
        pub enum FailureCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
        }

        impl FailureCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What happened and what to try, for a person.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }
        }
    };
}

failures! {
    DestinationBlocked = "destination_blocked",
        "The page led to an address that is not on the public internet, so it was not opened. \
         Check where the link leads.";
    DnsFailure = "dns_failure",
        "The site's name could not be found. Check the spelling of the address.";
    ConnectionFailed = "connection_failed",
        "The site did not accept the connection. It may be down: try again later.";
    TlsError = "tls_error",
        "The site's certificate could not be trusted, so nothing was loaded. \
         Only its owner can mend that.";
    Timeout = "timeout",
        "The page did not finish in time. Try again, or allow it longer with timeout_s.";
    HttpStatus = "http_status",
        "The site answered with an error instead of a page. Check the address in a browser.";
    TooManyRedirects = "too_many_redirects",
        "The site kept sending us elsewhere without end. Try the address you finally want.";
    AuthRequired = "auth_required",
        "The page asks for a sign-in that Platen does not have. Try a public address of it.";
    UnsupportedContent = "unsupported_content",
        "The address leads to something that cannot be shown as a page, such as a download. \
         Save it directly instead.";
    PageCrashed = "page_crashed",
        "The page exhausted the browser that was rendering it. \
         Try again, or with JavaScript off.";
    TooManyPages = "too_many_pages",
        "The PDF would have more pages than the limit. Ask for some of them with page_ranges.";
    OutputTooLarge = "output_too_large",
        "The PDF would be larger than the limit. Ask for fewer pages with page_ranges.";
    TrafficLimit = "traffic_limit",
        "The page loaded more data than the limit. Try a lighter version of it.";
    InternalError = "internal_error",
        "Something went wrong on our side. Try again.";
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a file has no PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    pub code: FailureCode,
    /// What happened and what to try, for a person.
    pub detail: String,
}

impl From<FailureCode> for Failure {
    fn from(code: FailureCode) -> Self {
        Self {
            code,
            detail: code.sentence().to_owned(),
        }
    }
}

/// Where a file is on its way: `queued → rendering → ready` or `failed`; `deleting` from any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FileStatus {
    Queued,
    Rendering,
    Ready,
    Failed,
    Deleting,
}

impl FileStatus {
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Rendering,
        Self::Ready,
        Self::Failed,
        Self::Deleting,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Rendering => "rendering",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Deleting => "deleting",
        }
    }

    /// No converter will change the file any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Ready | Self::Failed)
    }
}

impl fmt::Display for FileStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownStatus;

impl fmt::Display for UnknownStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a status is one of queued, rendering, ready, failed, deleting")
    }
}

impl std::error::Error for UnknownStatus {}

impl FromStr for FileStatus {
    type Err = UnknownStatus;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == s)
            .ok_or(UnknownStatus)
    }
}

/// A request and the PDF it becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct File {
    pub id: FileId,
    /// Readable and unique among the user's files; only `[A-Za-z0-9._-]`.
    pub name: String,
    /// The address asked for.
    pub url: String,
    /// The address that was printed, after redirects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_url: Option<String>,
    /// Title of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub status: FileStatus,
    /// Present while `status` is `rendering`. Absent counts as `loading`. Those that are over in a
    /// moment are not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Present when `status` is `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Failure>,
    /// Pages of the PDF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Bytes of the PDF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    #[serde(with = "crate::time")]
    pub created_at: Timestamp,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::time::option"
    )]
    pub finished_at: Option<Timestamp>,
    pub options: PdfOptions,
}

/// Body of `POST /request`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRequest {
    /// The page to print: `http` or `https`, at most 2048 bytes, on the public internet.
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 2048, example = "https://example.com/")
    )]
    pub url: String,
    #[serde(default, deserialize_with = "object::one")]
    pub options: PdfOptions,
}

/// Body of `POST /requests`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRequests {
    /// The pages to print: 1 to 100.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub urls: Vec<String>,
    /// For all of them.
    #[serde(default, deserialize_with = "object::one")]
    pub options: PdfOptions,
}

/// Answer to `POST /requests`: what became of each URL, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestResults {
    pub results: Vec<RequestResult>,
}

/// Either `file` or `problem` is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestResult {
    /// As it was sent.
    pub url: String,
    /// The request was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
    /// The request was refused: what `POST /request` would have answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// One page of a user's files, in the order that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileList {
    pub files: Vec<File>,
    /// Pass it as `cursor` to get the files after these; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Data of the server-sent event `file`: a file as it now is. `status` is `deleting` once it
/// has left the list.
pub type FileEvent = File;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_and_display_agree() {
        for code in FailureCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{code}\""));
            assert!(code.sentence().ends_with('.'), "{code}");
        }
        for status in FileStatus::ALL {
            assert_eq!(
                serde_json::to_string(&status).unwrap(),
                format!("\"{status}\"")
            );
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }

    #[test]
    fn unknown_fields_are_errors() {
        let json = r#"{"url":"https://example.com/","option":{}}"#;
        assert!(serde_json::from_str::<NewRequest>(json).is_err());
    }
}
