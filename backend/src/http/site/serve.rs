//! Everything that is not the API.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use platen_api_types::ProblemCode;

use super::{
    assets::{self, Asset, INDEX},
    encoding::acceptable,
};
use crate::http::error::ApiError;

/// For the app's pages: only what this server serves, no inline script or style, no frames but the
/// PDFs of this site, which browsers show without plugins, and nobody frames the app.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
     frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const FOREVER: &str = "public, max-age=31536000, immutable";

/// Kept, but asked about every time.
const REVALIDATE: &str = "no-cache";

/// Serves a file of the front end, or its page for every address that a person may open.
pub(crate) async fn serve(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return ApiError::not_found(
            "There is nothing at this address. /api/docs has all there is.",
        )
        .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::new(
            ProblemCode::MethodNotAllowed,
            "Pages can only be read. The API is under /api/v1.",
        )
        .with_header(header::ALLOW, HeaderValue::from_static("GET, HEAD"))
        .into_response();
    }
    let path = if path.is_empty() { INDEX } else { path };
    let encodings = acceptable(request.headers());
    if let Some(asset) = assets::find(path, &encodings) {
        return answer(path, asset, request.headers());
    }
    if !opens_a_page(path, request.uri(), request.headers()) {
        return ApiError::not_found("There is nothing at this address.").into_response();
    }
    match assets::find(INDEX, &encodings) {
        Some(asset) => answer(INDEX, asset, request.headers()),
        None => not_built(),
    }
}

/// Addresses of the app are known to the app alone. What looks like a file, or is fetched by a
/// script, is better told the truth.
fn opens_a_page(path: &str, uri: &Uri, headers: &HeaderMap) -> bool {
    let wants_html = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"));
    uri.path() == "/" || (wants_html && !assets::is_immutable(path))
}

fn answer(path: &str, asset: Asset, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hex::encode(&asset.sha256[..16]));
    let matches = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == etag);
    let mut response = if matches {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(asset.bytes).into_response()
    };
    let cache = if assets::is_immutable(path) {
        FOREVER
    } else {
        REVALIDATE
    };
    let answered = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, assets::content_type(path)),
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::VARY, "accept-encoding"),
    ] {
        answered.insert(name, HeaderValue::from_static(value));
    }
    if let Some(token) = asset.encoding.token() {
        answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    if let Ok(etag) = HeaderValue::try_from(etag) {
        answered.insert(header::ETAG, etag);
    }
    response
}

/// The binary was built without its front end.
fn not_built() -> Response {
    let text = "This Platen was built without its web app. Run `make build`, then start it again.\n\
                The API works: see /api/docs.\n";
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::CONTENT_TYPE, content_type)],
        text,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::TestApp;

    #[tokio::test]
    async fn unknown_addresses_of_the_api_are_problems() {
        let app = TestApp::start().await;
        for path in ["/api", "/api/", "/api/v1/nothing", "/api/v2/files"] {
            let answer = app.visit(path).header("accept", "text/html").send().await;
            answer.problem(ProblemCode::NotFound);
        }
    }

    #[tokio::test]
    async fn a_wrong_method_says_which_are_right() {
        let app = TestApp::start().await;
        let answer = app.call(Method::PUT, "/files").send().await;
        answer.problem(ProblemCode::MethodNotAllowed);
        assert_eq!(answer.header("allow"), "GET,HEAD");
        let answer = app.call(Method::PATCH, "/file/a.pdf").send().await;
        answer.problem(ProblemCode::MethodNotAllowed);
        assert_eq!(answer.header("allow"), "GET,HEAD,DELETE");
    }

    /// Holds with and without a built front end.
    #[tokio::test]
    async fn pages_may_load_from_here_alone() {
        let app = TestApp::start().await;
        for path in ["/", "/library", "/sign-in"] {
            let answer = app.visit(path).header("accept", "text/html").send().await;
            if assets::is_embedded() {
                let policy = answer.expect(200).header("content-security-policy");
                assert!(!policy.contains("unsafe-inline"), "{policy}");
                assert!(policy.contains("default-src 'none'"), "{policy}");
                // The reader frames a PDF, and nothing may be a plugin.
                assert!(policy.contains("frame-src 'self'"), "{policy}");
                assert!(!policy.contains("object-src"), "{policy}");
                assert_eq!(answer.header("cache-control"), REVALIDATE);
                let tag = answer.header("etag").to_owned();
                let again = app.visit(path).header("accept", "text/html");
                again.header("if-none-match", &tag).send().await.expect(304);
            } else {
                assert!(
                    answer
                        .expect(503)
                        .header("content-type")
                        .starts_with("text/plain")
                );
            }
        }
        for path in [
            "/assets/nothing-0123456789abcdef.js",
            "/../Cargo.toml",
            "/index.html.br",
        ] {
            app.visit(path).send().await.problem(ProblemCode::NotFound);
        }
    }
}
