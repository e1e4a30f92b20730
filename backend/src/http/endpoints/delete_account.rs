//! `DELETE /account`

use std::sync::Arc;

use axum::{Extension, extract::State, response::Response};
use http::StatusCode;
use platen_api_types::ProblemCode;

use crate::http::{App, cookie, error::ApiError, extract::SignedIn, layers::Client};

pub(crate) const PROBLEMS: &[ProblemCode] = &[];

/// Delete the account and all its files
///
/// There is no way back. The session ends and the user name is free at once; files and PDFs are
/// removed right after.
#[utoipa::path(
    delete,
    path = "/account",
    operation_id = "deleteAccount",
    tag = "account",
    responses((status = 202, description = "The account is gone; its files are being removed.")),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    SignedIn(identity): SignedIn,
) -> Result<Response, ApiError> {
    app.accounts.erase(&identity).await?;
    app.eraser.wake();
    Ok(cookie::forgotten(StatusCode::ACCEPTED, client.secure))
}

#[cfg(test)]
mod tests {
    use platen_api_types::{Account, FileList};
    use serde_json::json;

    use super::*;
    use crate::http::testing::{PASSWORD, TestApp};

    #[tokio::test]
    async fn the_account_is_gone_and_its_name_is_free() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        app.ready(&ada, "Diary", b"%PDF-").await;
        let answer = app.delete("/account").user(&ada).send().await;
        let cookie = answer.expect(202).header("set-cookie");
        assert!(cookie.contains("Max-Age=0"), "{cookie}");
        for path in ["/account", "/files"] {
            let answer = app.get(path).user(&ada).send().await;
            answer.problem(ProblemCode::Unauthenticated);
        }
        let again = app.delete("/account").user(&ada).send().await;
        again.problem(ProblemCode::Unauthenticated);
        let credentials = json!({"username": "ada", "password": PASSWORD});
        let answer = app.post("/sign-in").json(&credentials).send().await;
        answer.problem(ProblemCode::InvalidCredentials);

        // Somebody else may take the name, and finds nothing.
        let other = app.user("ada").await;
        assert_ne!(other.id, ada.id);
        let account: Account = app.get("/account").user(&other).send().await.json();
        assert_eq!(account.files, 0);
        let list: FileList = app.get("/files").user(&other).send().await.json();
        assert!(list.files.is_empty());
    }

    #[tokio::test]
    async fn another_account_stays() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        app.delete("/account").user(&ada).send().await.expect(202);
        app.get("/account").user(&bob).send().await.expect(200);
    }

    #[tokio::test]
    async fn a_superseded_session_ends_nothing() {
        let app = TestApp::start().await;
        let old = app.user("ada").await;
        let new = app.signed_in("ada").await;
        let answer = app.delete("/account").user(&old).send().await;
        answer.problem(ProblemCode::SessionSuperseded);
        app.get("/account").user(&new).send().await.expect(200);
    }

    #[tokio::test]
    async fn pages_of_other_sites_cannot_ask_for_it() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let answer = app
            .delete("/account")
            .header("cookie", &format!("platen={}", ada.token))
            .header("sec-fetch-site", "cross-site")
            .send()
            .await;
        answer.problem(ProblemCode::CrossSite);
        app.get("/account").user(&ada).send().await.expect(200);
    }
}
