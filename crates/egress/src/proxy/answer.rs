//! What the proxy says in an origin's place: a status, a verdict, no body.

use http::header::{CONNECTION, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::{Either, Empty};
use hyper::body::{Bytes, Incoming};

use crate::verdict::{VERDICT_HEADER, Verdict};

/// Bodies pass through unread; the proxy's own answers have none.
pub(crate) type Body = Either<Incoming, Empty<Bytes>>;

pub(crate) fn no_body() -> Body {
    Either::Right(Empty::new())
}

pub(crate) fn refusal(verdict: Verdict) -> Response<Body> {
    let mut response = Response::new(no_body());
    *response.status_mut() = verdict.status();
    let headers = response.headers_mut();
    headers.insert(VERDICT_HEADER, HeaderValue::from_static(verdict.as_str()));
    if verdict == Verdict::BadRequest {
        // Whatever follows on this connection cannot be trusted to be a request.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The tunnel is open: what follows on the connection is no longer HTTP to the proxy.
pub(crate) fn tunnel_open() -> Response<Body> {
    let mut response = Response::new(no_body());
    *response.status_mut() = StatusCode::OK;
    response
}
