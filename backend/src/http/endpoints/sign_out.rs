//! `POST /sign-out`

use std::sync::Arc;

use axum::{Extension, extract::State, response::Response};
use http::StatusCode;
use platen_api_types::ProblemCode;

use crate::http::{App, cookie, error::ApiError, extract::SignedIn, layers::Client};

pub(crate) const PROBLEMS: &[ProblemCode] = &[];

/// End the session
#[utoipa::path(
    post,
    path = "/sign-out",
    operation_id = "signOut",
    tag = "account",
    responses((status = 204, description = "The token is of no use any more.")),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    SignedIn(identity): SignedIn,
) -> Result<Response, ApiError> {
    app.accounts.sign_out(&identity).await?;
    Ok(cookie::forgotten(StatusCode::NO_CONTENT, client.secure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::TestApp;

    #[tokio::test]
    async fn the_token_is_of_no_use_afterwards() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let answer = app.post("/sign-out").user(&ada).send().await;
        assert!(
            answer
                .expect(204)
                .header("set-cookie")
                .contains("Max-Age=0")
        );
        for _ in 0..2 {
            let again = app.post("/sign-out").user(&ada).send().await;
            again.problem(ProblemCode::SessionExpired);
        }
    }

    #[tokio::test]
    async fn a_superseded_token_does_not_end_the_new_session() {
        let app = TestApp::start().await;
        let old = app.user("ada").await;
        let new = app.signed_in("ada").await;
        let answer = app.post("/sign-out").user(&old).send().await;
        answer.problem(ProblemCode::SessionSuperseded);
        app.get("/account").user(&new).send().await.expect(200);
    }

    #[tokio::test]
    async fn with_a_cookie_only_from_our_own_pages() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let call = |name, value| {
            let cookie = format!("platen={}", ada.token);
            app.post("/sign-out")
                .header("cookie", &cookie)
                .header(name, value)
        };
        let answer = call("sec-fetch-site", "cross-site").send().await;
        answer.problem(ProblemCode::CrossSite);
        let answer = call("origin", "https://evil.example")
            .header("host", "localhost")
            .send()
            .await;
        answer.problem(ProblemCode::CrossSite);
        let answer = call("accept", "*/*").send().await;
        answer.problem(ProblemCode::CrossSite);
        call("sec-fetch-site", "same-origin")
            .send()
            .await
            .expect(204);
        let answer = call("sec-fetch-site", "same-origin").send().await;
        answer.problem(ProblemCode::SessionExpired);
        // A dead cookie is taken back.
        assert!(answer.header("set-cookie").starts_with("platen=; "));
    }
}
