//! An answer begins in time, or not at all.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::http::{App, error::ApiError};

/// The answer did not begin in time.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {0:?}")]
struct TooLate(std::time::Duration);

/// Covers the reading of the request's body and everything up to the head of the answer; the body
/// of an answer may stream for as long as the client takes it.
pub(crate) async fn limit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let limit = app.limits.request_timeout;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable(TooLate(limit)).into_response(),
    }
}
