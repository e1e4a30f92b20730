//! A defect in a handler ends its request, not the server.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;

use crate::http::error::ApiError;

/// What a handler panicked with.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

pub(crate) async fn catch(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let text = panic
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            ApiError::internal(Panicked(text)).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware::from_fn, routing::get};
    use http_body_util::BodyExt;
    use platen_api_types::{Problem, ProblemCode};
    use tower::ServiceExt;

    use super::*;
    use crate::http::layers::render;

    #[tokio::test]
    async fn a_panic_is_a_500_that_tells_nothing() {
        async fn defect() {
            panic!("secret of the house");
        }

        let router = Router::new()
            .route("/", get(defect))
            .layer(from_fn(catch))
            .layer(from_fn(render));
        let request = Request::get("/").body(axum::body::Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let problem: Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem.code, ProblemCode::Internal);
        assert!(!problem.detail.contains("secret"));
    }
}
