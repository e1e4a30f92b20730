//! Absolute-form requests: plain HTTP, streamed both ways.

use std::error::Error;
use std::io;
use std::sync::Arc;

use http::header::HOST;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::Either;
use hyper::body::{Body as _, Incoming};
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::Error as ClientError;
use platen_telemetry::Chain;

use super::answer::{Body, no_body};
use super::headers;
use super::listen::Job;
use crate::destination::Destination;
use crate::dial::DialError;
use crate::verdict::Verdict;

/// Sends the request on and hands the answer back, both with their bodies still streaming.
pub(super) async fn forward(
    job: &Arc<Job>,
    destination: Destination,
    request: Request<Incoming>,
) -> Response<Body> {
    if job.dialer.ledger.check().is_err() {
        return job.refuse(destination, Verdict::BudgetSpent);
    }
    let Some(request) = for_origin(request, &destination) else {
        return job.refuse(destination, Verdict::BadRequest);
    };
    match send(job, request).await {
        Ok(response) => match for_browser(response) {
            Some(response) => response,
            None => job.refuse(destination, Verdict::ConnectFailed),
        },
        Err(error) => {
            tracing::debug!(error = %Chain(&error), "no answer from the origin");
            let verdict = match job.dialer.ledger.check() {
                Ok(()) => verdict_of(&error),
                Err(_) => Verdict::BudgetSpent,
            };
            job.refuse(destination, verdict)
        }
    }
}

/// An origin may close a kept connection in the moment it is used again. A browser would try
/// once more where that is safe (RFC 9110, 9.2.2); behind a proxy it cannot know, so we do.
async fn send(job: &Arc<Job>, request: Request<Body>) -> Result<Response<Incoming>, ClientError> {
    let again = (request.method().is_safe() && request.body().is_end_stream()).then(|| {
        let mut again = Request::new(no_body());
        *again.method_mut() = request.method().clone();
        *again.uri_mut() = request.uri().clone();
        *again.headers_mut() = request.headers().clone();
        *again.extensions_mut() = request.extensions().clone();
        again
    });
    match (job.client.request(request).await, again) {
        (Err(error), Some(again)) if !error.is_connect() && may_retry(&error) => {
            job.client.request(again).await
        }
        (outcome, _) => outcome,
    }
}

/// Silence and a spent budget would only repeat themselves.
fn may_retry(error: &ClientError) -> bool {
    io_cause(error).is_none_or(|cause| {
        !matches!(
            cause.kind(),
            io::ErrorKind::TimedOut | io::ErrorKind::QuotaExceeded
        )
    })
}

/// The request as the origin gets it: its own host, no hop-by-hop headers, HTTP/1.1.
fn for_origin(request: Request<Incoming>, destination: &Destination) -> Option<Request<Body>> {
    let (mut parts, body) = request.into_parts();
    let authority = destination.http_authority();
    let path = parts.uri.path_and_query().cloned();
    parts.uri = Uri::builder()
        .scheme(Scheme::HTTP)
        .authority(authority.as_str())
        .path_and_query(path.unwrap_or(PathAndQuery::from_static("/")))
        .build()
        .ok()?;
    headers::strip_request(&mut parts.headers);
    parts
        .headers
        .insert(HOST, HeaderValue::from_str(&authority).ok()?);
    parts.version = Version::HTTP_11;
    parts.extensions.remove::<OnUpgrade>();
    let body = if body.is_end_stream() {
        no_body()
    } else {
        Either::Left(body)
    };
    Some(Request::from_parts(parts, body))
}

/// The answer as the browser gets it. `None` for one that no origin may give through a proxy:
/// a protocol switch nobody asked for, or a demand for proxy credentials.
fn for_browser(response: Response<Incoming>) -> Option<Response<Body>> {
    let (mut parts, body) = response.into_parts();
    if matches!(
        parts.status,
        StatusCode::SWITCHING_PROTOCOLS | StatusCode::PROXY_AUTHENTICATION_REQUIRED
    ) {
        return None;
    }
    headers::strip_response(&mut parts.headers);
    parts.version = Version::HTTP_11;
    Some(Response::from_parts(parts, Either::Left(body)))
}

fn verdict_of(error: &ClientError) -> Verdict {
    if let Some(dial) = causes(error).find_map(|cause| cause.downcast_ref::<DialError>()) {
        return dial.verdict();
    }
    match io_cause(error).map(io::Error::kind) {
        Some(io::ErrorKind::TimedOut) => Verdict::TimedOut,
        _ => Verdict::ConnectFailed,
    }
}

fn io_cause(error: &ClientError) -> Option<&io::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
