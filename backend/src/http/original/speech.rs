//! From their words to those of the API, and back.

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use platen_api_types::Problem;

use super::names;

static TOKEN: HeaderName = HeaderName::from_static("token");

/// Their token, which is empty when they have never signed in.
pub(super) fn token(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get(&TOKEN)
}

/// Leaves everyone else's requests alone.
pub(in crate::http) async fn translate(mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let by_token = token(request.headers()).is_some();
    if !by_token && !path.starts_with("/auth/") {
        return next.run(request).await;
    }
    let lists = by_token && path == "/files" && request.method() == Method::GET;
    authorize(request.headers_mut());
    let response = if lists {
        names::list(request, next).await
    } else {
        next.run(request).await
    };
    in_plain_text(response)
}

/// An empty token is a wrong one: a cookie must not speak in its place.
fn authorize(headers: &mut HeaderMap) {
    if headers.contains_key(header::AUTHORIZATION) {
        return;
    }
    let bearer = token(headers).map(|token| [b"Bearer ", token.as_bytes()].concat());
    if let Some(Ok(bearer)) = bearer.map(|bearer| HeaderValue::from_bytes(&bearer)) {
        headers.insert(header::AUTHORIZATION, bearer);
    }
}

/// They show an error's body as it is, and do not survive one that is an object.
fn in_plain_text(mut response: Response) -> Response {
    let Some(problem) = response.extensions().get::<Problem>() else {
        return response;
    };
    let text = Body::from(problem.detail.clone());
    *response.body_mut() = text;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

#[cfg(test)]
mod tests {
    use crate::http::testing::TestApp;

    #[tokio::test]
    async fn the_token_is_worth_as_much_as_a_bearers() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let account = |token: &str| app.get("/account").header("token", token);
        account(&ada.token).send().await.expect(200);
        let cookie = format!("platen={}", ada.token);
        for token in ["", "nonsense"] {
            let answer = account(token).header("cookie", &cookie).send().await;
            answer.expect(401);
        }
        let wins = account("nonsense").user(&ada).send().await;
        wins.expect(200);
    }

    #[tokio::test]
    async fn errors_are_a_sentence_for_them_and_a_document_for_others() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let path = "/file/page-0123456789.pdf";
        let theirs = app.get(path).header("token", &ada.token).send().await;
        assert_eq!(
            theirs.expect(404).header("content-type"),
            "text/plain; charset=utf-8"
        );
        let text = String::from_utf8(theirs.body.to_vec()).unwrap();
        assert_eq!(text, "There is no such file in your library.");
        let others = app.get(path).user(&ada).send().await;
        others.problem(platen_api_types::ProblemCode::NotFound);
    }

    #[tokio::test]
    async fn at_the_root_the_web_app_keeps_what_they_do_not_use() {
        let app = TestApp::start().await;
        for path in [
            "/files",
            "/file/page-0123456789.pdf",
            "/auth/sign-in",
            "/sing-up",
        ] {
            let page = app.visit(path).header("accept", "text/html").send().await;
            let app_itself = app.visit("/").header("accept", "text/html").send().await;
            assert_eq!(page.status, app_itself.status, "{path}");
            assert_eq!(page.body, app_itself.body, "{path}");
        }
    }
}
