//! `POST /sign-up`

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use platen_api_types::{Credentials, ProblemCode, SignUp, Username, UsernameError};

use crate::{
    accounts::{Password, SignUpError},
    http::{App, error::ApiError, extract::Json, layers::Client},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[
    ProblemCode::UsernameTaken,
    ProblemCode::InvalidUsername,
    ProblemCode::WeakPassword,
    ProblemCode::RateLimited,
    ProblemCode::Overloaded,
];

/// Create an account
#[utoipa::path(
    post,
    path = "/sign-up",
    operation_id = "signUp",
    tag = "account",
    security(()),
    request_body = Credentials,
    responses((status = 201, description = "The account exists now. Sign in to use it.", body = SignUp)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    Json(credentials): Json<Credentials>,
) -> Result<Response, ApiError> {
    let username: Username = credentials
        .username
        .parse()
        .map_err(|error: UsernameError| {
            ApiError::new(ProblemCode::InvalidUsername, sentence(error)).at("/username")
        })?;
    let now = app.clock.now();
    app.rates.sign_up_attempt.take(client.address, now)?;
    let standing = app.rates.sign_up.take(client.address, now)?;
    let outcome = app
        .accounts
        .sign_up(username.clone(), Password::new(&credentials.password))
        .await;
    if outcome.is_err() {
        // The limit is on accounts made; who mistypes is not to wait an hour.
        app.rates.sign_up.give_back(client.address);
    }
    let mut response = answer(&username, outcome);
    standing.write(response.headers_mut());
    Ok(response)
}

fn answer(username: &Username, outcome: Result<(), SignUpError>) -> Response {
    match outcome {
        Ok(()) => {
            let username = username.as_str().to_owned();
            (StatusCode::CREATED, axum::Json(SignUp { username })).into_response()
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}

fn sentence(error: UsernameError) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", characters.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::testing::{Answer, Settings, TestApp};

    async fn sign_up(app: &TestApp, username: &str, password: &str) -> Answer {
        let body = json!({"username": username, "password": password});
        app.post("/sign-up").json(&body).send().await
    }

    #[tokio::test]
    async fn a_name_belongs_to_one_account_in_any_case() {
        let app = TestApp::start().await;
        let answer = sign_up(&app, "Ada", "correct horse battery").await;
        let created: SignUp = answer.expect(201).json();
        assert_eq!(created.username, "ada");
        let again = sign_up(&app, "aDA", "another battery horse").await;
        let problem = again.problem(ProblemCode::UsernameTaken);
        assert_eq!(problem.errors[0].pointer, "/username");
    }

    #[tokio::test]
    async fn of_two_at_once_one_gets_the_name() {
        let app = TestApp::start().await;
        let both = (0..2).map(|_| sign_up(&app, "ada", "correct horse battery"));
        let mut statuses: Vec<u16> = futures::future::join_all(both)
            .await
            .iter()
            .map(|answer| answer.status.as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }

    #[tokio::test]
    async fn says_which_field_is_wrong_and_why() {
        let app = TestApp::start().await;
        for (username, password, code, pointer) in [
            (
                "a",
                "correct horse battery",
                ProblemCode::InvalidUsername,
                "/username",
            ),
            (
                "../ada",
                "correct horse battery",
                ProblemCode::InvalidUsername,
                "/username",
            ),
            ("ada", "short", ProblemCode::WeakPassword, "/password"),
            ("ada", "Password1", ProblemCode::WeakPassword, "/password"),
            (
                "adalovelace",
                "AdaLovelace",
                ProblemCode::WeakPassword,
                "/password",
            ),
        ] {
            let problem = sign_up(&app, username, password).await.problem(code);
            assert_eq!(problem.errors[0].pointer, pointer, "{username} {password}");
        }
    }

    #[tokio::test]
    async fn the_body_is_json_of_exactly_two_fields() {
        let app = TestApp::start().await;
        let post = |content_type: &'static str, body: &'static str| {
            app.post("/sign-up")
                .header("content-type", content_type)
                .body(body)
                .send()
        };
        let form = post("application/x-www-form-urlencoded", "username=ada").await;
        form.problem(ProblemCode::UnsupportedMediaType);
        post("application/json", "{")
            .await
            .problem(ProblemCode::MalformedBody);
        let row = r#"{"username":"ada","password":"correct horse battery","is_admin":true}"#;
        let problem = post("application/json", row)
            .await
            .problem(ProblemCode::InvalidBody);
        assert_eq!(problem.errors[0].pointer, "/is_admin");
    }

    #[tokio::test]
    async fn three_accounts_an_hour_and_failures_do_not_count() {
        let app = TestApp::with(Settings {
            sign_ups_per_hour: 3,
            ..Settings::default()
        })
        .await;
        for name in ["ada", "bob", "cleo"] {
            sign_up(&app, name, "weak")
                .await
                .problem(ProblemCode::WeakPassword);
            let answer = sign_up(&app, name, "correct horse battery").await;
            answer.expect(201);
            assert!(answer.header("ratelimit-policy").contains("q=3;w=3600"));
        }
        let answer = sign_up(&app, "dora", "correct horse battery").await;
        answer.problem(ProblemCode::RateLimited);
        assert_eq!(answer.header("retry-after"), "1200");
        assert_eq!(answer.header("ratelimit"), "\"sign-up\";r=0;t=1200");
        let elsewhere = app
            .post("/sign-up")
            .from("192.0.2.9:1")
            .json(&json!({"username": "dora", "password": "correct horse battery"}));
        elsewhere.send().await.expect(201);
    }

    #[tokio::test]
    async fn names_cannot_be_probed_without_end() {
        let app = TestApp::with(Settings {
            sign_ins_per_minute: 2,
            ..Settings::default()
        })
        .await;
        app.user("ada").await;
        for _ in 0..2 {
            let answer = sign_up(&app, "ada", "correct horse battery").await;
            answer.problem(ProblemCode::UsernameTaken);
        }
        let answer = sign_up(&app, "ada", "correct horse battery").await;
        answer.problem(ProblemCode::RateLimited);
    }
}
