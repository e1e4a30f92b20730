//! `/api/openapi.json`, and `/api/docs` to read it with. Nothing is loaded from elsewhere.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderValue, header};
use platen_api_types::ProblemCode;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use super::{App, error::ApiError};

/// Swagger UI shows icons as data URLs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

const START: &str = "window.addEventListener('load', () => {
  SwaggerUIBundle({
    url: '/api/openapi.json',
    dom_id: '#reader',
    deepLinking: false,
    validatorUrl: null,
  });
});
";

/// The files of Swagger UI that the page needs.
const VENDORED: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

pub(super) fn routes(document: &OpenApi) -> Router<Arc<App>> {
    let json = Bytes::from(serde_json::to_vec(document).unwrap_or_default());
    let page = Bytes::from(page());
    Router::new()
        .route(
            "/api/openapi.json",
            get(move || async move { fixed("application/json", json) }),
        )
        .route(
            "/api/docs",
            get(move || async move { with_policy(fixed("text/html; charset=utf-8", page)) }),
        )
        .route(
            "/api/docs/start.js",
            get(async || {
                fixed(
                    "text/javascript; charset=utf-8",
                    Bytes::from_static(START.as_bytes()),
                )
            }),
        )
        .route("/api/docs/{file}", get(vendored))
}

async fn vendored(Path(file): Path<String>) -> Result<Response, ApiError> {
    let nothing = || ApiError::not_found("There is nothing at this address.");
    if !VENDORED.contains(&file.as_str()) {
        return Err(nothing());
    }
    let file = utoipa_swagger_ui::serve(&file, Arc::new(Config::default()))
        .ok()
        .flatten()
        .ok_or_else(nothing)?;
    let gzipped = file.gzpipped;
    let mut response = fixed(&file.content_type, Bytes::from(file.bytes.into_owned()));
    if gzipped {
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

fn fixed(content_type: &str, body: Bytes) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::try_from(content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn with_policy(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}

/// The reader, and below it every problem code at the anchor that its `type` points to.
fn page() -> String {
    let mut rows = String::new();
    for code in ProblemCode::ALL {
        let _ = writeln!(
            rows,
            "<tr id=\"{code}\"><td><code>{code}</code></td><td>{}</td><td>{}</td></tr>",
            code.status(),
            code.title(),
        );
    }
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Platen API</title>
<link rel=\"stylesheet\" href=\"/api/docs/swagger-ui.css\">
<script src=\"/api/docs/swagger-ui-bundle.js\" defer></script>
<script src=\"/api/docs/start.js\" defer></script>
</head>
<body>
<main>
<div id=\"reader\"></div>
<section class=\"swagger-ui\"><div class=\"wrapper\">
<h2>Problem codes</h2>
<table>
<thead><tr><th scope=\"col\">code</th><th scope=\"col\">status</th><th scope=\"col\">meaning</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
</div></section>
</main>
</body>
</html>
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::TestApp;

    #[tokio::test]
    async fn the_reader_loads_nothing_from_elsewhere() {
        let app = TestApp::start().await;
        let answer = app.visit("/api/docs").send().await;
        let page = String::from_utf8(answer.expect(200).body.to_vec()).unwrap();
        assert!(!page.contains("//"), "{page}");
        // Nor could it: its policy names no other place.
        let policy = answer.header("content-security-policy");
        let mut sources = policy
            .split(';')
            .flat_map(|directive| directive.split_whitespace().skip(1));
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(
            sources.all(|source| ["'none'", "'self'", "data:"].contains(&source)),
            "{policy}"
        );
        for code in ProblemCode::ALL {
            assert!(page.contains(&format!("id=\"{code}\"")), "{code}");
        }
        for file in VENDORED.iter().chain(&["start.js"]) {
            let path = format!("/api/docs/{file}");
            assert!(page.contains(&path));
            app.visit(&path).send().await.expect(200);
        }
        let nothing = app.visit("/api/docs/index.html").send().await;
        nothing.problem(ProblemCode::NotFound);
        let answer = app.visit("/api/openapi.json").send().await;
        let document: serde_json::Value = answer.expect(200).json();
        assert_eq!(document["openapi"], "3.1.0");
    }
}
