//! `POST /request`

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use platen_api_types::{File, NewRequest, ProblemCode};
use platen_pipeline::FileRecord;

use crate::{
    http::{
        App,
        error::ApiError,
        extract::{IdempotencyKey, Json, Writer},
        layers::TraceParent,
        submission::{accept, blame_options, send},
    },
    request,
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[
    ProblemCode::IdempotencyConflict,
    ProblemCode::InvalidUrl,
    ProblemCode::DestinationBlocked,
    ProblemCode::InvalidOptions,
    ProblemCode::QuotaExceeded,
    ProblemCode::RateLimited,
];

/// Ask for a PDF of a page
///
/// The answer comes at once; the PDF is made afterwards. Follow it with `GET /events`, or ask
/// `GET /request/{id}` until its status is `ready` or `failed`.
#[utoipa::path(
    post,
    path = "/request",
    operation_id = "requestPdf",
    tag = "files",
    request_body = NewRequest,
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "Names this request among yours for 24 hours: sending it again with the same key \
                       answers the same file instead of making another one.",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]([ -~]*[!-~])?$",
    )),
    responses((
        status = 201,
        description = "The request is recorded and will be carried out.",
        body = File,
        headers(("Location" = String, description = "Where to ask for its state.")),
    )),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Writer(identity): Writer,
    IdempotencyKey(key): IdempotencyKey,
    Extension(trace): Extension<TraceParent>,
    body: Result<Json<NewRequest>, ApiError>,
) -> Result<Response, ApiError> {
    let Json(new) = body.map_err(blame_options)?;
    request::check(&new.options)?;
    let record = accept(&app, identity.user, &new.url, &new.options, key).await?;
    send(&app, &record, &trace).await;
    answer(record)
}

fn answer(record: FileRecord) -> Result<Response, ApiError> {
    let location = HeaderValue::try_from(format!("/api/v1/request/{}", record.id))
        .map_err(ApiError::internal)?;
    let file = axum::Json(File::from(record));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], file).into_response())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use platen_pipeline::{ConversionQueue, Message, Quota};
    use serde_json::{Value, json};

    use super::*;
    use crate::http::testing::{Answer, Settings, TestApp, User};

    async fn request(app: &TestApp, user: &User, body: &Value) -> Answer {
        app.post("/request").user(user).json(body).send().await
    }

    async fn keyed(app: &TestApp, user: &User, key: &str, url: &str) -> Answer {
        app.post("/request")
            .user(user)
            .header("idempotency-key", key)
            .json(&json!({ "url": url }))
            .send()
            .await
    }

    #[tokio::test]
    async fn makes_a_record_and_a_message() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let body =
            json!({"url": "https://www.Example.com:443/a b/?q=1", "options": {"paper": "a5"}});
        let answer = request(&app, &ada, &body).await;
        let file: File = answer.expect(201).json();
        assert_eq!(
            answer.header("location"),
            format!("/api/v1/request/{}", file.id)
        );
        assert_eq!(file.url, "https://www.example.com/a%20b/?q=1");
        assert!(file.name.starts_with("example.com-a-20b-"), "{}", file.name);
        assert_eq!(file.created_at, app.app.clock.now());
        let deliveries = app
            .pipeline
            .queue
            .receive(10, Duration::ZERO, Duration::from_mins(1))
            .await
            .unwrap();
        let messages: Vec<Message> = deliveries.iter().map(|d| d.message().unwrap()).collect();
        let trace = messages[0].trace_parent.clone().unwrap_or_default();
        assert_eq!(messages, [Message::convert(ada.id, file.id).traced(&trace)]);
        assert!(messages[0].trace_id().is_some(), "{trace}");
    }

    #[tokio::test]
    async fn what_is_refused_leaves_nothing_behind() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        for (body, code, pointer) in [
            (json!({"url": "nonsense"}), ProblemCode::InvalidUrl, "/url"),
            (json!({"url": ""}), ProblemCode::InvalidUrl, "/url"),
            (
                json!({"url": "file:///etc/passwd"}),
                ProblemCode::InvalidUrl,
                "/url",
            ),
            (
                json!({"url": "https://a:b@example.com"}),
                ProblemCode::InvalidUrl,
                "/url",
            ),
            (
                json!({"url": "http://127.0.0.1"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": "http://2130706433/"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": "http://[::ffff:127.0.0.1]"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": "http://169.254.169.254/"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": "http://localhost/"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": "https://example.com:22/"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (json!({"url": 7}), ProblemCode::InvalidBody, "/url"),
            (json!({"options": {}}), ProblemCode::InvalidBody, ""),
            (
                json!({"url": "https://example.com", "option": {}}),
                ProblemCode::InvalidBody,
                "/option",
            ),
            (
                json!({"url": "https://example.com", "options": {"papr": "a4"}}),
                ProblemCode::InvalidOptions,
                "/options/papr",
            ),
            (
                json!({"url": "https://example.com", "options": {"timezone": "Europe/Buda"}}),
                ProblemCode::InvalidOptions,
                "/options/timezone",
            ),
            (
                json!({"url": "https://example.com", "options": {"scale": 9}}),
                ProblemCode::InvalidOptions,
                "/options/scale",
            ),
        ] {
            let problem = request(&app, &ada, &body).await.problem(code);
            assert_eq!(problem.errors[0].pointer, pointer, "{body}");
        }
        let account: Value = app.get("/account").user(&ada).send().await.json();
        assert_eq!(account["files"], 0);
    }

    #[tokio::test]
    async fn a_repeat_with_the_key_gets_the_first_answer() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let url = "https://example.com/";
        let first: File = keyed(&app, &ada, "k1", url).await.expect(201).json();
        let again: File = keyed(&app, &ada, "k1", url).await.expect(201).json();
        let quoted: File = keyed(&app, &ada, "\"k1\"", url).await.expect(201).json();
        assert_eq!((first.id, first.id), (again.id, quoted.id));
        let other: File = keyed(&app, &ada, "k2", url).await.expect(201).json();
        let bobs: File = keyed(&app, &bob, "k1", url).await.expect(201).json();
        assert!(first.id != other.id && first.id != bobs.id);
        let answer = keyed(&app, &ada, "k1", "https://example.com/other").await;
        answer.problem(ProblemCode::IdempotencyConflict);
        for key in ["", "\"\"", &"k".repeat(256)] {
            let answer = keyed(&app, &ada, key, url).await;
            answer.problem(ProblemCode::MalformedRequest);
        }
    }

    #[tokio::test]
    async fn a_full_library_takes_no_more() {
        let app = TestApp::with(Settings {
            quota: Quota {
                files: 2,
                in_progress: 2,
            },
            ..Settings::default()
        })
        .await;
        let ada = app.user("ada").await;
        let body = json!({"url": "https://example.com/"});
        for _ in 0..2 {
            request(&app, &ada, &body).await.expect(201);
        }
        let answer = request(&app, &ada, &body).await;
        answer.problem(ProblemCode::QuotaExceeded);
    }

    #[tokio::test]
    async fn who_waits_for_many_pages_has_to_come_back() {
        let app = TestApp::with(Settings {
            quota: Quota {
                files: 100,
                in_progress: 2,
            },
            ..Settings::default()
        })
        .await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        // What is over does not count.
        app.failed(&ada).await;
        let body = json!({"url": "https://example.com/"});
        for _ in 0..2 {
            request(&app, &ada, &body).await.expect(201);
        }
        let answer = request(&app, &ada, &body).await;
        answer.problem(ProblemCode::RateLimited);
        assert_eq!(answer.header("retry-after"), "10");
        let name = "\"requests-in-progress\"";
        assert_eq!(answer.header("ratelimit"), format!("{name};r=0;t=10"));
        assert_eq!(answer.header("ratelimit-policy"), format!("{name};q=2"));
        request(&app, &bob, &body).await.expect(201);
    }

    #[tokio::test]
    async fn a_body_of_ten_megabytes_is_read_and_refused() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        for length in [Some("10000000"), None] {
            let call = app.post("/request").user(&ada);
            let call = call.header("content-type", "application/json");
            let call = match length {
                Some(length) => call.header("content-length", length),
                None => call,
            };
            let answer = call.body(vec![b' '; 10_000_000]).send().await;
            answer.problem(ProblemCode::BodyTooLarge);
        }
    }
}
