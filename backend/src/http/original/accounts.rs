//! Signing up and in.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use platen_api_types::{Credentials, ProblemCode, Session, SignUp};
use serde::{Deserialize, Serialize};

use super::answer::{reworded, taken};
use crate::http::{
    App, endpoints,
    error::ApiError,
    extract::{Json, SignInCredentials},
    layers::Client,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    name: String,
    password: String,
}

#[derive(Serialize)]
struct Created {
    user: String,
    state: &'static str,
}

#[derive(Serialize)]
struct Authorization {
    username: String,
    state: &'static str,
    /// Empty when there is none.
    token: String,
}

pub(super) async fn sign_up(
    app: State<Arc<App>>,
    client: Extension<Client>,
    Json(NewUser { name, password }): Json<NewUser>,
) -> Result<Response, ApiError> {
    let credentials = Credentials {
        username: name,
        password,
    };
    let mut answer = endpoints::sign_up(app, client, Json(credentials)).await?;
    if !answer.status().is_success() {
        return Ok(answer);
    }
    let SignUp { username } = taken(&mut answer).await?;
    let created = Created {
        user: username,
        state: "created",
    };
    Ok(reworded(answer, StatusCode::CREATED, &created))
}

pub(super) async fn sign_in(
    app: State<Arc<App>>,
    client: Extension<Client>,
    credentials: Result<SignInCredentials, ApiError>,
) -> Result<Response, ApiError> {
    let Ok(credentials) = credentials else {
        // Neither Basic nor anything else that names someone.
        let refusal = ApiError::new(
            ProblemCode::Unauthenticated,
            "Send user name and password as HTTP Basic.",
        );
        return Ok(unauthorized(refusal.into_response(), String::new()));
    };
    let username = credentials.0.username.clone();
    let mut answer = endpoints::sign_in(app, client, credentials).await?;
    match answer.status() {
        StatusCode::UNAUTHORIZED => Ok(unauthorized(answer, username)),
        status if status.is_success() => {
            let session: Session = taken(&mut answer).await?;
            let authorized = Authorization {
                username: session.username,
                state: "authorized",
                token: session.token,
            };
            Ok(reworded(answer, StatusCode::ACCEPTED, &authorized))
        }
        _ => Ok(answer),
    }
}

fn unauthorized(answer: Response, username: String) -> Response {
    let body = Authorization {
        username,
        state: "unauthorized",
        token: String::new(),
    };
    reworded(answer, StatusCode::UNAUTHORIZED, &body)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde_json::{Value, json};

    use super::*;
    use crate::http::testing::{Settings, TestApp};

    /// Their 401 is no problem document, which the harness would object to.
    async fn sign_in(app: &TestApp, basic: Option<&str>) -> (Response, Value) {
        let call = app.post("/auth/sign-in").json(&json!({}));
        let call = match basic {
            Some(pair) => {
                let basic = format!("Basic {}", STANDARD.encode(pair));
                call.header("authorization", &basic)
            }
            None => call,
        };
        let mut answer = call.start().await;
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert!(!answer.headers().contains_key("set-cookie"));
        let body = taken(&mut answer).await.unwrap();
        (answer, body)
    }

    #[tokio::test]
    async fn signing_up_and_in_answers_in_their_words() {
        let app = TestApp::start().await;
        let account = json!({"name": "Ada", "password": "correct horse battery"});
        for (path, name) in [("/auth/sign-up", "ada"), ("/auth/sing-up", "bob")] {
            let account = json!({"name": name, "password": "correct horse battery"});
            let created: Value = app
                .post(path)
                .json(&account)
                .send()
                .await
                .expect(201)
                .json();
            assert_eq!(created, json!({"user": name, "state": "created"}));
        }
        let again = app.post("/auth/sign-up").json(&account).send().await;
        assert!(
            again
                .expect(409)
                .header("content-type")
                .starts_with("text/plain")
        );

        let (answer, body) = sign_in(&app, Some("ada:correct horse battery")).await;
        assert_eq!(answer.status(), 202);
        assert!(answer.headers().contains_key("ratelimit"));
        assert_eq!(
            (&body["username"], &body["state"]),
            (&json!("ada"), &json!("authorized"))
        );
        let token = body["token"].as_str().unwrap();
        app.get("/account")
            .header("token", token)
            .send()
            .await
            .expect(200);
    }

    #[tokio::test]
    async fn whoever_is_not_let_in_gets_an_empty_token() {
        let app = TestApp::start().await;
        app.user("ada").await;
        for (basic, username) in [
            (Some("ada:wrong horse battery"), "ada"),
            (Some("nobody:wrong horse battery"), "nobody"),
            (Some("no colon"), ""),
            (None, ""),
        ] {
            let (answer, body) = sign_in(&app, basic).await;
            assert_eq!(answer.status(), 401, "{basic:?}");
            let expected = json!({"username": username, "state": "unauthorized", "token": ""});
            assert_eq!(body, expected, "{basic:?}");
            assert!(answer.headers().contains_key("www-authenticate"));
        }
    }

    #[tokio::test]
    async fn the_limits_are_those_of_everyone() {
        let app = TestApp::with(Settings {
            sign_ins_per_minute: 1,
            ..Settings::default()
        })
        .await;
        sign_in(&app, Some("ada:wrong horse battery")).await;
        let call = app
            .post("/auth/sign-in")
            .header("authorization", "Basic YTpi");
        let answer = call.send().await;
        assert_eq!(answer.expect(429).header("retry-after"), "60");
        assert!(answer.header("content-type").starts_with("text/plain"));
    }

    #[tokio::test]
    async fn the_misspelt_paths_are_those_of_the_api() {
        let app = TestApp::start().await;
        let account = json!({"username": "ada", "password": "correct horse battery"});
        app.post("/sing-up").json(&account).send().await.expect(201);
        let session: Session = app
            .post("/sing-in")
            .json(&account)
            .send()
            .await
            .expect(200)
            .json();
        assert_eq!(session.username, "ada");
        let again = app.post("/sing-up").json(&account).send().await;
        again.problem(ProblemCode::UsernameTaken);
    }
}
