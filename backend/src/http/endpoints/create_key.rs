//! `POST /keys`

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use platen_api_types::{CreatedKey, NewKey, ProblemCode};

use crate::http::{
    App,
    error::ApiError,
    extract::{Json, SignedIn},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[ProblemCode::TooManyKeys];

/// Make an API key
///
/// For programs: it is sent as `Authorization: Bearer`, allows what its scopes say, and neither
/// ends your session nor ends with it. The token is shown here and never again.
#[utoipa::path(
    post,
    path = "/keys",
    operation_id = "createKey",
    tag = "keys",
    request_body = NewKey,
    responses((status = 201, description = "The key, and its token.", body = CreatedKey)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    SignedIn(identity): SignedIn,
    Json(new): Json<NewKey>,
) -> Result<Response, ApiError> {
    let created = app.accounts.create_key(identity.user, new).await?;
    let location = format!("/api/v1/keys/{}", created.key.id);
    let mut response = (StatusCode::CREATED, axum::Json(created)).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Method;
    use platen_api_types::{Account, FileList, KeyList, Scope};
    use platen_pipeline::Clock;
    use serde_json::{Value, json};

    use super::*;
    use crate::http::testing::{TestApp, User};

    async fn create(app: &TestApp, user: &User, body: &Value) -> CreatedKey {
        let answer = app.post("/keys").user(user).json(body).send().await;
        answer.expect(201).json()
    }

    /// A program with a key of the user.
    fn holder(user: &User, created: &CreatedKey) -> User {
        User {
            id: user.id,
            token: created.token.clone(),
        }
    }

    async fn keys(app: &TestApp, user: &User) -> Vec<platen_api_types::Key> {
        let list: KeyList = app.get("/keys").user(user).send().await.json();
        list.keys
    }

    #[tokio::test]
    async fn a_key_works_beside_the_session_until_it_is_deleted() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        app.queued(&ada).await;
        let body = json!({"name": " ci ", "scopes": ["files:read"]});
        let created = create(&app, &ada, &body).await;
        assert!(created.token.starts_with("platen_") && created.token.len() == 50);
        let program = holder(&ada, &created);
        let list: FileList = app.get("/files").user(&program).send().await.json();
        assert_eq!(list.files.len(), 1);
        let account: Account = app.get("/account").user(&program).send().await.json();
        assert_eq!(account.username, "ada");

        // A new session, and none at all, are nothing to it.
        let again = app.signed_in("ada").await;
        app.post("/sign-out").user(&again).send().await.expect(204);
        app.get("/files").user(&program).send().await.expect(200);

        let ada = app.signed_in("ada").await;
        let listed = keys(&app, &ada).await;
        assert_eq!(listed[0].name, "ci");
        assert_eq!(listed[0].last_used_at, Some(app.clock.now()));
        let path = format!("/keys/{}", created.key.id);
        app.delete(&path).user(&ada).send().await.expect(204);
        let after = app.get("/files").user(&program).send().await;
        after.problem(ProblemCode::Unauthenticated);
        let twice = app.delete(&path).user(&ada).send().await;
        twice.problem(ProblemCode::NotFound);
        assert!(keys(&app, &ada).await.is_empty());
    }

    #[tokio::test]
    async fn a_key_does_what_its_scopes_say_and_no_more() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let file = app.queued(&ada).await;
        let key = |scope: Scope| {
            let body = json!({"name": "k", "scopes": [scope, scope]});
            let (app, ada) = (&app, &ada);
            async move { holder(ada, &create(app, ada, &body).await) }
        };
        let (reader, writer) = (key(Scope::FilesRead).await, key(Scope::FilesWrite).await);
        let state = format!("/request/{}", file.id);
        let delete = format!("/file/{}", file.name);
        for (method, path, may_read, may_write) in [
            (Method::GET, "/files", true, false),
            (Method::GET, "/account", true, false),
            (Method::GET, &*state, true, false),
            (Method::POST, &*format!("{state}/retry"), false, true),
            (Method::DELETE, &*delete, false, true),
            (Method::GET, "/keys", false, false),
            (Method::DELETE, "/account", false, false),
            (Method::POST, "/sign-out", false, false),
        ] {
            for (user, may) in [(&reader, may_read), (&writer, may_write)] {
                let answer = app.call(method.clone(), path).user(user).send().await;
                let is_refused = answer.status == 403;
                assert_eq!(is_refused, !may, "{method} {path} {answer:?}");
                if is_refused {
                    answer.problem(ProblemCode::InsufficientScope);
                }
            }
        }
        let body = json!({"url": "https://example.com/"});
        for (user, may) in [(&reader, false), (&writer, true)] {
            let answer = app.post("/request").user(user).json(&body).send().await;
            assert_eq!(answer.status == 201, may, "{answer:?}");
        }
        let body = json!({"name": "more", "scopes": ["files:write"]});
        let answer = app.post("/keys").user(&writer).json(&body).send().await;
        answer.problem(ProblemCode::InsufficientScope);
    }

    #[tokio::test]
    async fn a_key_ends_when_it_was_told_to() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let end = app.clock.now() + Duration::from_mins(5);
        let body = json!({"name": "k", "scopes": ["files:read"], "expires_at": end.to_string()});
        let program = holder(&ada, &create(&app, &ada, &body).await);
        app.advance(Duration::from_secs(299));
        app.get("/files").user(&program).send().await.expect(200);
        app.advance(Duration::from_secs(1));
        let after = app.get("/files").user(&program).send().await;
        let problem = after.problem(ProblemCode::Unauthenticated);
        assert!(problem.detail.contains("expired"), "{}", problem.detail);
    }

    #[tokio::test]
    async fn what_cannot_be_a_key_is_refused_with_its_field() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        for (body, pointer) in [
            (json!({"name": "", "scopes": ["files:read"]}), "/name"),
            (json!({"name": " \t ", "scopes": ["files:read"]}), "/name"),
            (
                json!({"name": "a\u{0}b", "scopes": ["files:read"]}),
                "/name",
            ),
            (
                json!({"name": "x".repeat(101), "scopes": ["files:read"]}),
                "/name",
            ),
            (json!({"name": "k", "scopes": []}), "/scopes"),
            (json!({"name": "k", "scopes": ["everything"]}), "/scopes/0"),
            (
                json!({"name": "k", "scopes": ["files:read"], "expires_at": "2001-01-01T00:00:00Z"}),
                "/expires_at",
            ),
            (
                json!({"name": "k", "scopes": ["files:read"], "expires_at": "tomorrow"}),
                "/expires_at",
            ),
        ] {
            let answer = app.post("/keys").user(&ada).json(&body).send().await;
            let problem = answer.problem(ProblemCode::InvalidBody);
            assert_eq!(problem.errors[0].pointer, pointer, "{body}");
        }
        assert!(keys(&app, &ada).await.is_empty());
    }

    #[tokio::test]
    async fn there_is_an_end_to_how_many() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let body = json!({"name": "k", "scopes": ["files:read"]});
        for _ in 0..platen_api_types::limits::KEYS {
            create(&app, &ada, &body).await;
        }
        let answer = app.post("/keys").user(&ada).json(&body).send().await;
        answer.problem(ProblemCode::TooManyKeys);
        let bob = app.user("bob").await;
        create(&app, &bob, &body).await;
    }

    #[tokio::test]
    async fn the_key_of_another_is_not_found_and_stays() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let body = json!({"name": "k", "scopes": ["files:read"]});
        let created = create(&app, &ada, &body).await;
        for id in [created.key.id.to_string(), "no-id".to_owned()] {
            let answer = app.delete(&format!("/keys/{id}")).user(&bob).send().await;
            answer.problem(ProblemCode::NotFound);
        }
        let program = holder(&ada, &created);
        app.get("/files").user(&program).send().await.expect(200);
    }

    #[tokio::test]
    async fn keys_end_with_the_account() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let body = json!({"name": "k", "scopes": ["files:read"]});
        let program = holder(&ada, &create(&app, &ada, &body).await);
        app.delete("/account").user(&ada).send().await.expect(202);
        let after = app.get("/files").user(&program).send().await;
        after.problem(ProblemCode::Unauthenticated);
    }
}
