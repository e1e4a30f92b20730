//! What holds for every answer.

use std::sync::LazyLock;

use http::{HeaderMap, Method, StatusCode};
use platen_api_types::Problem;
use serde_json::Value;

use super::Answer;
use crate::http::document;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(document()).unwrap());

#[track_caller]
pub(super) fn check_head(status: StatusCode, headers: &HeaderMap) {
    for name in [
        "x-request-id",
        "content-security-policy",
        "referrer-policy",
        "permissions-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "cache-control",
    ] {
        assert!(headers.contains_key(name), "{status} without {name}");
    }
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(!headers.contains_key("access-control-allow-origin"));
}

/// Errors are problem documents, for people and programs, and the API's are declared.
#[track_caller]
pub(super) fn check_problem(method: &Method, path: &str, answer: &Answer) {
    let is_error = answer.status.is_client_error() || answer.status.is_server_error();
    if !is_error || answer.header("content-type").starts_with("text/plain") {
        return;
    }
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(problem.status, answer.status.as_u16());
    assert_eq!(
        problem.request_id.as_deref(),
        Some(answer.header("x-request-id"))
    );
    assert!(problem.detail.ends_with('.'), "{problem:?}");
    assert!(
        problem.detail.starts_with(char::is_uppercase),
        "{problem:?}"
    );
    if problem.status == 401 {
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    if let Some(operation) = operation(method, path) {
        let pointer = format!(
            "/responses/{}/content/application~1problem+json/examples/{}",
            problem.status, problem.code
        );
        assert!(
            operation.pointer(&pointer).is_some(),
            "{method} {path} does not declare {}",
            problem.code
        );
    }
}

fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next()?;
    let segments: Vec<&str> = path.split('/').collect();
    DOCUMENT["paths"]
        .as_object()?
        .iter()
        .find(|(template, _)| {
            let template: Vec<&str> = template.split('/').collect();
            template.len() == segments.len()
                && template
                    .iter()
                    .zip(&segments)
                    .all(|(one, other)| one.starts_with('{') || one == other)
        })?
        .1
        .get(method.as_str().to_ascii_lowercase())
}
