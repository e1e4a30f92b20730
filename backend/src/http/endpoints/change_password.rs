//! `PUT /account/password`

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use platen_api_types::{PasswordChange, ProblemCode};

use crate::{
    accounts::Password,
    http::{
        App, cookie,
        error::ApiError,
        extract::{Json, SignedIn},
        layers::Client,
    },
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[
    ProblemCode::InvalidCredentials,
    ProblemCode::WeakPassword,
    ProblemCode::RateLimited,
    ProblemCode::Overloaded,
];

/// Change the password
///
/// The session ends: sign in with the new password.
#[utoipa::path(
    put,
    path = "/account/password",
    operation_id = "changePassword",
    tag = "account",
    request_body = PasswordChange,
    responses((status = 204, description = "The new password is good, and the session has ended.")),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    SignedIn(identity): SignedIn,
    Json(change): Json<PasswordChange>,
) -> Result<Response, ApiError> {
    // It costs as much as signing in, and tells as much.
    let standing = app.rates.sign_in.take(client.address, app.clock.now())?;
    let current = Password::new(&change.current_password);
    let new = Password::new(&change.new_password);
    let outcome = app.accounts.change_password(&identity, current, new).await;
    let mut response = match outcome {
        Ok(()) => cookie::forgotten(StatusCode::NO_CONTENT, client.secure),
        Err(error) => ApiError::from(error).into_response(),
    };
    standing.write(response.headers_mut());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::*;
    use crate::http::testing::{Answer, PASSWORD, Settings, TestApp, User};

    const NEW: &str = "staple of the new day";

    async fn change(app: &TestApp, user: &User, current: &str, new: &str) -> Answer {
        let body = json!({"current_password": current, "new_password": new});
        let call = app.call(Method::PUT, "/account/password").user(user);
        call.json(&body).send().await
    }

    async fn sign_in(app: &TestApp, password: &str) -> Answer {
        let body = json!({"username": "ada", "password": password});
        app.post("/sign-in").json(&body).send().await
    }

    #[tokio::test]
    async fn the_new_one_is_good_and_the_session_has_ended() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let answer = change(&app, &ada, PASSWORD, NEW).await;
        let cookie = answer.expect(204).header("set-cookie");
        assert!(cookie.contains("Max-Age=0"), "{cookie}");
        let after = app.get("/account").user(&ada).send().await;
        after.problem(ProblemCode::SessionExpired);
        let old = sign_in(&app, PASSWORD).await;
        old.problem(ProblemCode::InvalidCredentials);
        sign_in(&app, NEW).await.expect(200);
    }

    #[tokio::test]
    async fn who_does_not_know_the_old_one_changes_nothing() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let answer = change(&app, &ada, "a wrong one", NEW).await;
        let problem = answer.problem(ProblemCode::InvalidCredentials);
        assert_eq!(problem.errors[0].pointer, "/current_password");
        app.get("/account").user(&ada).send().await.expect(200);
        sign_in(&app, PASSWORD).await.expect(200);
    }

    #[tokio::test]
    async fn a_weak_one_is_refused() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        for weak in ["short", "password", "ada"] {
            let answer = change(&app, &ada, PASSWORD, weak).await;
            let problem = answer.problem(ProblemCode::WeakPassword);
            assert_eq!(problem.errors[0].pointer, "/new_password");
        }
        app.get("/account").user(&ada).send().await.expect(200);
    }

    #[tokio::test]
    async fn guessing_is_slowed_down() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        for _ in 0..5 {
            let answer = change(&app, &ada, "a wrong one", NEW).await;
            answer.problem(ProblemCode::InvalidCredentials);
        }
        let answer = change(&app, &ada, PASSWORD, NEW).await;
        answer.problem(ProblemCode::RateLimited);
        assert!(!answer.header("retry-after").is_empty());
    }

    #[tokio::test]
    async fn it_counts_as_signing_in() {
        let app = TestApp::with(Settings {
            sign_ins_per_minute: 1,
            ..Settings::default()
        })
        .await;
        let ada = app.user("ada").await;
        change(&app, &ada, "a wrong one", NEW).await;
        let answer = change(&app, &ada, PASSWORD, NEW).await;
        answer.problem(ProblemCode::RateLimited);
    }
}
