//! `POST /sign-in`

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use platen_api_types::{Credentials, ProblemCode, Session};

use crate::{
    accounts::{Password, SignInError, SignedIn},
    http::{App, cookie, error::ApiError, extract::SignInCredentials, layers::Client},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[
    ProblemCode::InvalidCredentials,
    ProblemCode::RateLimited,
    ProblemCode::Overloaded,
];

/// Start the session
///
/// A user has one session: signing in again ends the earlier one. Send user name and password as
/// JSON, or as HTTP Basic without a body. The token is for the `Authorization: Bearer` header;
/// browsers use the cookie that is set beside it.
#[utoipa::path(
    post,
    path = "/sign-in",
    operation_id = "signIn",
    tag = "account",
    security((), ("basic" = [])),
    request_body = Credentials,
    responses((
        status = 200,
        description = "The session has begun, and earlier ones have ended.",
        body = Session,
        headers(("Set-Cookie" = String, description = "The session cookie: HttpOnly, SameSite=Strict, `__Host-` over TLS.")),
    )),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    SignInCredentials(credentials): SignInCredentials,
) -> Result<Response, ApiError> {
    let standing = app.rates.sign_in.take(client.address, app.clock.now())?;
    let outcome = app
        .accounts
        .sign_in(&credentials.username, Password::new(&credentials.password))
        .await;
    let mut response = answer(outcome, client.secure);
    standing.write(response.headers_mut());
    Ok(response)
}

fn answer(outcome: Result<SignedIn, SignInError>, secure: bool) -> Response {
    let signed_in = match outcome {
        Ok(signed_in) => signed_in,
        Err(error) => return ApiError::from(error).into_response(),
    };
    let cookie = cookie::set(&signed_in.token, signed_in.lifetime, secure);
    let session = Session {
        username: signed_in.username.as_str().to_owned(),
        token: signed_in.token,
        expires_at: signed_in.expires_at,
    };
    let mut response = axum::Json(session).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde_json::json;

    use super::*;
    use crate::http::testing::{Answer, Settings, TestApp};

    async fn sign_in(app: &TestApp, username: &str, password: &str) -> Answer {
        let body = json!({"username": username, "password": password});
        app.post("/sign-in").json(&body).send().await
    }

    #[tokio::test]
    async fn json_and_basic_start_a_session() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let by_json = sign_in(&app, "ADA", "correct horse battery").await;
        let basic = STANDARD.encode("ada:correct horse battery");
        let by_basic = app
            .post("/sign-in")
            .header("authorization", &format!("Basic {basic}"))
            .send()
            .await;
        for answer in [by_json, by_basic] {
            let session: Session = answer.expect(200).json();
            assert_eq!(session.username, "ada");
            let cookie = answer.header("set-cookie");
            assert!(
                cookie.starts_with(&format!("platen={};", session.token)),
                "{cookie}"
            );
            for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=3600"] {
                assert!(cookie.contains(attribute), "{cookie}");
            }
            assert!(!cookie.contains("Secure"), "{cookie}");
        }
    }

    #[tokio::test]
    async fn behind_a_trusted_proxy_with_tls_the_cookie_is_bound_to_the_host() {
        let app = TestApp::with(Settings {
            trusted_proxies: vec!["10.0.0.0/8"],
            ..Settings::default()
        })
        .await;
        app.user("ada").await;
        let body = json!({"username": "ada", "password": "correct horse battery"});
        let answer = app
            .post("/sign-in")
            .from("10.0.0.1:1")
            .header("x-forwarded-proto", "https")
            .json(&body)
            .send()
            .await;
        let cookie = answer.expect(200).header("set-cookie");
        assert!(
            cookie.starts_with("__Host-platen=") && cookie.contains("; Secure"),
            "{cookie}"
        );
        assert!(
            answer
                .header("strict-transport-security")
                .contains("max-age")
        );
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_name_look_alike() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let wrong = sign_in(&app, "ada", "wrong horse battery").await;
        let unknown = sign_in(&app, "nobody", "wrong horse battery").await;
        let impossible = sign_in(&app, "no body!", "").await;
        let long = sign_in(&app, "ada", &"x".repeat(2000)).await;
        for answer in [&wrong, &unknown, &impossible, &long] {
            let problem = answer.problem(ProblemCode::InvalidCredentials);
            assert_eq!(problem.detail, wrong.problem(problem.code).detail);
            assert!(answer.header("set-cookie").is_empty());
        }
    }

    #[tokio::test]
    async fn who_names_nobody_is_told_how_to() {
        let app = TestApp::start().await;
        let answer = app.post("/sign-in").send().await;
        let problem = answer.problem(ProblemCode::InvalidCredentials);
        assert!(problem.detail.contains("HTTP Basic"), "{problem:?}");
        let typed = app.post("/sign-in").body("ada").send().await;
        typed.problem(ProblemCode::UnsupportedMediaType);
    }

    #[tokio::test]
    async fn malformed_basic_is_told() {
        let app = TestApp::start().await;
        for value in ["Basic !", "Basic bm9jb2xvbg=="] {
            let answer = app
                .post("/sign-in")
                .header("authorization", value)
                .send()
                .await;
            answer.problem(ProblemCode::MalformedRequest);
        }
    }

    #[tokio::test]
    async fn signing_in_again_ends_the_session_before_and_failing_to_does_not() {
        let app = TestApp::start().await;
        let first = app.user("ada").await;
        sign_in(&app, "ada", "wrong horse battery")
            .await
            .expect(401);
        app.get("/account").user(&first).send().await.expect(200);
        let second = app.signed_in("ada").await;
        let answer = app.get("/account").user(&first).send().await;
        answer.problem(ProblemCode::SessionSuperseded);
        app.get("/account").user(&second).send().await.expect(200);
    }

    #[tokio::test]
    async fn of_fifty_at_once_one_stays() {
        let app = TestApp::start().await;
        app.user("ada").await;
        let all = (0..50).map(|_| sign_in(&app, "ada", "correct horse battery"));
        let sessions = futures::future::join_all(all).await;
        let mut live = 0;
        for session in &sessions {
            let session: Session = session.expect(200).json();
            let bearer = format!("Bearer {}", session.token);
            let answer = app
                .get("/account")
                .header("authorization", &bearer)
                .send()
                .await;
            match answer.status.as_u16() {
                200 => live += 1,
                _ => drop(answer.problem(ProblemCode::SessionSuperseded)),
            }
        }
        assert_eq!(live, 1);
    }

    #[tokio::test]
    async fn guessing_gets_slower_and_never_locks_out() {
        let app = TestApp::start().await;
        app.user("ada").await;
        for _ in 0..5 {
            sign_in(&app, "ada", "wrong horse battery")
                .await
                .expect(401);
        }
        for name in ["ada", "nobody"] {
            for _ in 0..5 {
                sign_in(&app, name, "wrong horse battery").await;
            }
            let answer = sign_in(&app, name, "correct horse battery").await;
            answer.problem(ProblemCode::RateLimited);
            assert_eq!(answer.header("retry-after"), "1");
            assert_eq!(answer.header("ratelimit"), "\"failed-sign-in\";r=0;t=1");
            let policy = answer.header("ratelimit-policy");
            assert_eq!(policy, "\"failed-sign-in\";q=1;w=1");
        }
        app.advance(Duration::from_secs(1));
        sign_in(&app, "ada", "correct horse battery")
            .await
            .expect(200);
    }

    #[tokio::test]
    async fn an_address_has_so_many_attempts() {
        let app = TestApp::with(Settings {
            sign_ins_per_minute: 10,
            ..Settings::default()
        })
        .await;
        for i in 0..10 {
            sign_in(&app, &format!("user{i}"), "wrong horse battery")
                .await
                .expect(401);
        }
        let answer = sign_in(&app, "user10", "wrong horse battery").await;
        answer.problem(ProblemCode::RateLimited);
        assert_eq!(answer.header("retry-after"), "6");
        assert_eq!(answer.header("ratelimit"), "\"sign-in\";r=0;t=6");
        assert_eq!(answer.header("ratelimit-policy"), "\"sign-in\";q=10;w=60");
        app.advance(Duration::from_secs(6));
        sign_in(&app, "user10", "wrong horse battery")
            .await
            .expect(401);
    }

    #[tokio::test]
    async fn the_token_expires() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        app.advance(Duration::from_secs(3600 + 11));
        let answer = app.get("/account").user(&ada).send().await;
        answer.problem(ProblemCode::SessionExpired);
    }
}
