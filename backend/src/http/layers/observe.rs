//! One log line and two numbers per request.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use platen_api_types::{Problem, UserId};
use tracing::{Instrument, field::Empty};

use super::{Client, TraceParent};

/// Filled in by the authentication, for the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestUser(Arc<OnceLock<UserId>>);

impl RequestUser {
    pub(crate) fn set(&self, user: UserId) {
        self.0.set(user).ok();
        tracing::Span::current().record("user.id", tracing::field::display(user));
    }
}

/// Logs and counts. The query is left out: it may hold what a person searched for.
pub(crate) async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("other", MatchedPath::as_str)
        .to_owned();
    let (id, address) = request
        .extensions()
        .get::<Client>()
        .map(|client| (client.request_id.clone(), client.address.to_string()))
        .unwrap_or_default();
    let trace = request.extensions().get::<TraceParent>();
    let span = tracing::info_span!(
        "http.request",
        request.id = id,
        trace.id = trace.map(TraceParent::trace_id),
        client.address = address,
        user.id = Empty
    );
    request.extensions_mut().insert(RequestUser::default());

    let response = next.run(request).instrument(span.clone()).await;

    let took = started.elapsed();
    let status = response.status().as_u16();
    let code = response
        .extensions()
        .get::<Problem>()
        .map(|problem| problem.code);
    span.in_scope(|| {
        tracing::info!(
            http.method = %method,
            http.path = path,
            http.status = status,
            problem.code = code.map(tracing::field::display),
            took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "answered"
        );
    });
    // Methods are an open set: a client must not be able to make new series.
    let method = match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH") => {
            known.to_owned()
        }
        _ => "other".to_owned(),
    };
    metrics::counter!(
        "platen_http_requests_total",
        "method" => method, "route" => route.clone(), "status" => status.to_string()
    )
    .increment(1);
    metrics::histogram!("platen_http_request_duration_seconds", "route" => route)
        .record(took.as_secs_f64());
    response
}
