//! Why a page was not saved, and what to do about it.

use platen_api_types::{Failure, FailureCode};

use crate::app::words::{t, t_with};

/// What happened, and what to do.
pub(super) fn told(failure: &Failure) -> [String; 2] {
    match failure.code {
        FailureCode::DestinationBlocked => [t("library.blocked"), t("library.blocked_do")],
        FailureCode::DnsFailure => [t("library.dns"), t("library.dns_do")],
        FailureCode::ConnectionFailed => [t("library.connection"), t("library.connection_do")],
        FailureCode::TlsError => [t("library.tls"), t("library.tls_do")],
        FailureCode::Timeout => [t("library.timeout"), t("library.timeout_do")],
        FailureCode::HttpStatus => [http_status(&failure.detail), t("library.http_do")],
        FailureCode::TooManyRedirects => [t("library.redirects"), t("library.redirects_do")],
        FailureCode::AuthRequired => [t("library.auth"), t("library.auth_do")],
        FailureCode::UnsupportedContent => [t("library.content"), t("library.content_do")],
        FailureCode::PageCrashed => [t("library.crashed"), t("library.crashed_do")],
        FailureCode::TooManyPages => [t("library.pages"), t("library.pages_do")],
        FailureCode::OutputTooLarge => [t("library.large"), t("library.large_do")],
        FailureCode::TrafficLimit => [t("library.traffic"), t("library.traffic_do")],
        FailureCode::InternalError => [t("library.internal"), t("library.internal_do")],
        // A server newer than this page: its own sentence says both.
        _ => [failure.detail.clone(), String::new()],
    }
}

/// The status is only in the sentence that the server wrote.
fn http_status(detail: &str) -> String {
    let is_status = |word: &&str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    match detail.split_whitespace().find(is_status) {
        Some(status) => t_with("library.http_status", &[("status", status)]),
        None => t("library.http"),
    }
}
