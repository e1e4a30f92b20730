use platen_api_types::{FailureCode, PdfOptions};
use platen_egress::{Destination, EgressPolicy, JobProxy, Verdict};
use url::Url;

use super::state::{Document, Navigation, Response};
use crate::RenderError;

/// What an answer of the site with a status of 400 or more is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HttpErrors {
    Fail,
    ArePages,
}

impl HttpErrors {
    pub(super) fn of(options: &PdfOptions) -> Self {
        if options.fail_on_http_error {
            Self::Fail
        } else {
            Self::ArePages
        }
    }
}

/// Why a navigation that showed nothing, or Chromium's error page, failed.
pub(super) fn of_navigation(
    navigation: &Navigation,
    proxy: &JobProxy,
    errors: HttpErrors,
) -> RenderError {
    if let Some(response) = &navigation.response
        && let Err(error) = check_response(response, errors)
    {
        return error;
    }
    if navigation.download {
        return RenderError::fail(FailureCode::UnsupportedContent);
    }
    if let Some(verdict) = verdict_on(&navigation.url, proxy) {
        return RenderError::fail(of_verdict(verdict));
    }
    let error = navigation.error.as_deref().unwrap_or("net::ERR_FAILED");
    let name = error.strip_prefix("net::").unwrap_or(error);
    RenderError::fail(of_network_error(name))
}

/// The document is a page that came from where it may.
pub(super) fn check_document(
    document: &Document,
    proxy: &JobProxy,
    policy: &EgressPolicy,
    errors: HttpErrors,
) -> Result<Url, RenderError> {
    if let Some(url) = &document.unreachable {
        return Err(document.navigation.as_ref().map_or_else(
            || {
                let code = verdict_on(url, proxy).map(of_verdict);
                RenderError::fail(code.unwrap_or(FailureCode::ConnectionFailed))
            },
            |navigation| of_navigation(navigation, proxy, errors),
        ));
    }
    if let Some(response) = document
        .navigation
        .as_ref()
        .and_then(|navigation| navigation.response.as_ref())
    {
        check_response(response, errors)?;
    }
    let url = Url::parse(&document.url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| {
            RenderError::fail_with(
                FailureCode::UnsupportedContent,
                "The page replaced itself by something that has no web address.",
            )
        })?;
    Destination::of(&url)
        .is_some_and(|destination| policy.check_destination(&destination).is_ok())
        .then_some(url)
        .ok_or_else(|| RenderError::fail(FailureCode::DestinationBlocked))
}

/// The answer is a page, not an error and not a file.
fn check_response(response: &Response, errors: HttpErrors) -> Result<(), RenderError> {
    if let Some(verdict) = &response.verdict {
        let code = [
            Verdict::Blocked,
            Verdict::DnsFailure,
            Verdict::ConnectFailed,
            Verdict::TimedOut,
            Verdict::BudgetSpent,
            Verdict::BadRequest,
        ]
        .into_iter()
        .find(|known| known.as_str() == verdict)
        .map_or(FailureCode::ConnectionFailed, of_verdict);
        return Err(RenderError::fail(code));
    }
    match response.status {
        400.. if errors == HttpErrors::ArePages => check_type(&response.mime_type),
        401 | 407 => Err(RenderError::fail(FailureCode::AuthRequired)),
        status @ 400.. => Err(RenderError::fail_with(
            FailureCode::HttpStatus,
            format!(
                "The site answered with status {status} instead of a page. \
                 Check the address in a browser."
            ),
        )),
        204 | 205 => Err(RenderError::fail_with(
            FailureCode::UnsupportedContent,
            "The site answered that there is no content at this address.",
        )),
        _ => check_type(&response.mime_type),
    }
}

fn check_type(mime_type: &str) -> Result<(), RenderError> {
    if mime_type.starts_with("video/") || mime_type.starts_with("audio/") {
        return Err(RenderError::fail(FailureCode::UnsupportedContent));
    }
    Ok(())
}

fn verdict_on(url: &str, proxy: &JobProxy) -> Option<Verdict> {
    let destination = Destination::of(&Url::parse(url).ok()?)?;
    proxy.verdict_for(&destination)
}

fn of_verdict(verdict: Verdict) -> FailureCode {
    match verdict {
        Verdict::Blocked => FailureCode::DestinationBlocked,
        Verdict::DnsFailure => FailureCode::DnsFailure,
        Verdict::ConnectFailed | Verdict::BadRequest => FailureCode::ConnectionFailed,
        Verdict::TimedOut => FailureCode::Timeout,
        Verdict::BudgetSpent => FailureCode::TrafficLimit,
    }
}

/// Reads the names of `net/base/net_error_list.h` in Chromium.
fn of_network_error(name: &str) -> FailureCode {
    match name {
        "ERR_TOO_MANY_REDIRECTS" => FailureCode::TooManyRedirects,
        "ERR_TIMED_OUT" => FailureCode::Timeout,
        "ERR_NAME_NOT_RESOLVED" | "ERR_NAME_RESOLUTION_FAILED" => FailureCode::DnsFailure,
        "ERR_UNSAFE_PORT"
        | "ERR_UNSAFE_REDIRECT"
        | "ERR_ACCESS_DENIED"
        | "ERR_BLOCKED_BY_ADMINISTRATOR" => FailureCode::DestinationBlocked,
        "ERR_UNKNOWN_URL_SCHEME"
        | "ERR_DISALLOWED_URL_SCHEME"
        | "ERR_ABORTED"
        // A status of 400 or more and nothing to show.
        | "ERR_HTTP_RESPONSE_CODE_FAILURE"
        | "ERR_CONTENT_DECODING_FAILED" => FailureCode::UnsupportedContent,
        "ERR_INVALID_AUTH_CREDENTIALS" | "ERR_PROXY_AUTH_UNSUPPORTED" => FailureCode::AuthRequired,
        name if name.starts_with("ERR_DNS_") => FailureCode::DnsFailure,
        name if name.starts_with("ERR_CERT_")
            || name.starts_with("ERR_SSL_")
            || name.starts_with("ERR_BAD_SSL_") =>
        {
            FailureCode::TlsError
        }
        _ => FailureCode::ConnectionFailed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<(), RenderError>) -> Option<FailureCode> {
        match result {
            Err(RenderError::Fail(failure)) => Some(failure.code),
            _ => None,
        }
    }

    fn response(status: u16, mime_type: &str, verdict: Option<&str>) -> Response {
        Response {
            status,
            mime_type: mime_type.to_owned(),
            verdict: verdict.map(str::to_owned),
        }
    }

    #[test]
    fn statuses_and_types_have_their_reasons() {
        for (status, mime_type, expected) in [
            (200, "text/html", None),
            (200, "image/png", None),
            (200, "application/json", None),
            (200, "video/mp4", Some(FailureCode::UnsupportedContent)),
            (204, "text/plain", Some(FailureCode::UnsupportedContent)),
            (401, "text/html", Some(FailureCode::AuthRequired)),
            (404, "text/html", Some(FailureCode::HttpStatus)),
            (503, "text/html", Some(FailureCode::HttpStatus)),
        ] {
            let response = response(status, mime_type, None);
            let result = check_response(&response, HttpErrors::Fail);
            assert_eq!(code(result), expected, "{status} {mime_type}");
            if status >= 400 {
                let result = check_response(&response, HttpErrors::ArePages);
                assert_eq!(code(result), None, "{status} {mime_type}");
            }
        }
    }

    #[test]
    fn the_proxys_own_answer_is_not_the_sites() {
        for (verdict, expected) in [
            ("blocked", FailureCode::DestinationBlocked),
            ("dns-failure", FailureCode::DnsFailure),
            ("connect-failed", FailureCode::ConnectionFailed),
            ("timed-out", FailureCode::Timeout),
            ("budget-spent", FailureCode::TrafficLimit),
            ("something new", FailureCode::ConnectionFailed),
        ] {
            for errors in [HttpErrors::Fail, HttpErrors::ArePages] {
                let result = check_response(&response(403, "text/html", Some(verdict)), errors);
                assert_eq!(code(result), Some(expected), "{verdict}");
            }
        }
    }

    #[test]
    fn network_errors_are_told_apart() {
        for (name, expected) in [
            ("ERR_CERT_DATE_INVALID", FailureCode::TlsError),
            ("ERR_SSL_PROTOCOL_ERROR", FailureCode::TlsError),
            ("ERR_NAME_NOT_RESOLVED", FailureCode::DnsFailure),
            ("ERR_CONNECTION_REFUSED", FailureCode::ConnectionFailed),
            ("ERR_EMPTY_RESPONSE", FailureCode::ConnectionFailed),
            ("ERR_TOO_MANY_REDIRECTS", FailureCode::TooManyRedirects),
            ("ERR_UNSAFE_PORT", FailureCode::DestinationBlocked),
            ("ERR_NEVER_HEARD_OF", FailureCode::ConnectionFailed),
        ] {
            assert_eq!(of_network_error(name), expected, "{name}");
        }
    }
}
