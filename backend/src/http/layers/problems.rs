//! The one place that writes problem documents.

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use http::{HeaderValue, StatusCode, header};
use platen_api_types::{Problem, ProblemCode};

use super::Client;

/// Writes the body of every error answer that has none: for errors of handlers, and for what the
/// router refuses by itself.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let request_id = request
        .extensions()
        .get::<Client>()
        .map(|client| client.request_id.clone());
    let mut response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        None if is_error && !response.headers().contains_key(header::CONTENT_TYPE) => usual(status),
        None => return response,
    };
    let problem = Problem {
        request_id,
        ..problem
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = Body::from(body);
    response.extensions_mut().insert(problem);
    response
}

/// What a bare status means.
fn usual(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => {
            Problem::new(ProblemCode::NotFound, "There is nothing at this address.")
        }
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            ProblemCode::MethodNotAllowed,
            "This address does not take that method; the Allow header lists those it takes.",
        ),
        status if status.is_server_error() => Problem::new(
            ProblemCode::Internal,
            "Something went wrong on our side. Try again.",
        ),
        _ => Problem::new(
            ProblemCode::MalformedRequest,
            "The request could not be read.",
        ),
    }
}
