//! `GET /account`

use std::sync::Arc;

use axum::{Json, extract::State};
use platen_api_types::{Account, ProblemCode};

use crate::http::{App, error::ApiError, extract::Reader};

pub(crate) const PROBLEMS: &[ProblemCode] = &[];

/// Who am I, and how much have I used
#[utoipa::path(
    get,
    path = "/account",
    operation_id = "getAccount",
    tag = "account",
    responses((status = 200, description = "The account that the token belongs to.", body = Account)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Reader(identity): Reader,
) -> Result<Json<Account>, ApiError> {
    Ok(Json(Account {
        username: identity.username.as_str().to_owned(),
        created_at: identity.created_at,
        files: app.index.count(identity.user).await?,
        files_limit: app.limits.quota.files,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::TestApp;

    #[tokio::test]
    async fn tells_who_and_how_much() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        app.queued(&ada).await;
        app.failed(&ada).await;
        app.queued(&bob).await;
        let account: Account = app.get("/account").user(&ada).send().await.json();
        assert_eq!((account.username.as_str(), account.files), ("ada", 2));
        assert_eq!(account.files_limit, 100);
    }

    #[tokio::test]
    async fn every_kind_of_credential_works_and_none_is_none() {
        let app = TestApp::start().await;
        let token = app.user("ada").await.token;
        for (name, value) in [
            ("authorization", format!("Bearer {token}")),
            ("cookie", format!("theme=dark; platen={token}")),
        ] {
            app.get("/account")
                .header(name, &value)
                .send()
                .await
                .expect(200);
        }
        for (name, value) in [
            ("accept", "*/*"),
            ("authorization", ""),
            ("authorization", "Bearer"),
            ("authorization", "Bearer "),
            ("authorization", "Bearer nonsense"),
            (
                "authorization",
                "Basic YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeQ==",
            ),
            ("cookie", "platen="),
        ] {
            let answer = app.get("/account").header(name, value).send().await;
            answer.problem(ProblemCode::Unauthenticated);
        }
    }

    #[tokio::test]
    async fn without_its_database_it_lets_nobody_in() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        app.database.close().await;
        let answer = app.get("/account").user(&ada).send().await;
        answer.problem(ProblemCode::Unavailable);
        assert!(!answer.header("retry-after").is_empty());
    }
}
