//! `POST /requests`

use std::sync::Arc;

use axum::{Extension, extract::State};
use futures::{StreamExt, stream};
use platen_api_types::{
    File, NewRequests, Problem, ProblemCode, RequestResult, RequestResults, limits,
};
use platen_pipeline::FileRecord;

use crate::{
    http::{
        App,
        error::ApiError,
        extract::{IdempotencyKey, Json, Writer},
        layers::{Client, TraceParent},
        submission::{accept, blame_options, send},
    },
    request,
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[ProblemCode::InvalidOptions];

/// Messages on their way to the queue at once.
const SENDING: usize = 10;

/// Ask for PDFs of many pages
///
/// Each URL is judged by itself: the answer has, in the order of the URLs, a file for each that was
/// accepted and a problem for each that was not.
#[utoipa::path(
    post,
    path = "/requests",
    operation_id = "requestPdfs",
    tag = "files",
    request_body = NewRequests,
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "Names these requests among yours for 24 hours: sending them again with the same \
                       key answers the same files instead of making others.",
        min_length = 1,
        max_length = 255,
    )),
    responses((status = 200, description = "What became of each.", body = RequestResults)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Writer(identity): Writer,
    IdempotencyKey(key): IdempotencyKey,
    Extension(trace): Extension<TraceParent>,
    Extension(client): Extension<Client>,
    body: Result<Json<NewRequests>, ApiError>,
) -> Result<axum::Json<RequestResults>, ApiError> {
    let Json(new) = body.map_err(blame_options)?;
    if !limits::URLS.contains(&new.urls.len()) {
        return Err(ApiError::new(
            ProblemCode::InvalidBody,
            "Send between 1 and 100 URLs at a time.",
        )
        .at("/urls"));
    }
    request::check(&new.options)?;

    let mut outcomes = Vec::with_capacity(new.urls.len());
    for (number, url) in new.urls.iter().enumerate() {
        // No header holds a line break, so no key of a single request is one of these.
        let key = key.as_ref().map(|key| format!("{key}\n{number}"));
        outcomes.push(accept(&app, identity.user, url, &new.options, key).await);
    }
    stream::iter(outcomes.iter().flatten())
        .for_each_concurrent(SENDING, |record| send(&app, record, &trace))
        .await;
    let results = new.urls.into_iter().zip(outcomes).enumerate();
    let results = results.map(|(number, (url, outcome))| result(number, url, outcome, &client));
    Ok(axum::Json(RequestResults {
        results: results.collect(),
    }))
}

fn result(
    number: usize,
    url: String,
    outcome: Result<FileRecord, ApiError>,
    client: &Client,
) -> RequestResult {
    match outcome {
        Ok(record) => RequestResult {
            url,
            file: Some(File::from(record)),
            problem: None,
        },
        Err(error) => RequestResult {
            url,
            file: None,
            problem: Some(of_one(number, error.into_problem(), client)),
        },
    }
}

/// The problem as part of this answer.
fn of_one(number: usize, mut problem: Problem, client: &Client) -> Problem {
    problem.request_id = Some(client.request_id.clone());
    for error in &mut problem.errors {
        if error.pointer == "/url" {
            error.pointer = format!("/urls/{number}");
        }
    }
    problem
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use platen_api_types::FileId;
    use platen_pipeline::{ConversionQueue, Quota};
    use serde_json::{Value, json};

    use super::*;
    use crate::http::testing::{Answer, Settings, TestApp, User};

    async fn request(app: &TestApp, user: &User, body: &Value) -> Answer {
        app.post("/requests").user(user).json(body).send().await
    }

    fn ids(answer: &Answer) -> Vec<Option<FileId>> {
        let answer: RequestResults = answer.expect(200).json();
        let file = |result: RequestResult| result.file.map(|file| file.id);
        answer.results.into_iter().map(file).collect()
    }

    #[tokio::test]
    async fn each_is_judged_by_itself_and_answered_in_order() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let urls = [
            "https://example.com/a",
            "nonsense",
            "http://127.0.0.1/",
            "https://example.com/b",
        ];
        let body = json!({"urls": urls, "options": {"paper": "a5"}});
        let answer: RequestResults = request(&app, &ada, &body).await.expect(200).json();
        let told: Vec<_> = answer
            .results
            .iter()
            .map(|result| result.url.as_str())
            .collect();
        assert_eq!(told, urls);
        let codes = answer.results.iter().map(|result| {
            assert_ne!(result.file.is_some(), result.problem.is_some());
            result.problem.as_ref().map(|problem| problem.code)
        });
        let expected = [
            None,
            Some(ProblemCode::InvalidUrl),
            Some(ProblemCode::DestinationBlocked),
            None,
        ];
        assert_eq!(codes.collect::<Vec<_>>(), expected);
        let refused = answer.results[1].problem.as_ref().unwrap();
        assert_eq!(refused.errors[0].pointer, "/urls/1");
        assert!(refused.request_id.is_some());

        let queue = &app.pipeline.queue;
        let receive = queue.receive(10, Duration::ZERO, Duration::from_mins(1));
        let deliveries = receive.await.unwrap();
        let mut sent: Vec<_> = deliveries
            .iter()
            .map(|delivery| delivery.message().unwrap().file)
            .collect();
        sent.sort();
        let accepted = answer.results.iter().flat_map(|result| &result.file);
        let mut accepted: Vec<_> = accepted.map(|file| file.id).collect();
        accepted.sort();
        assert_eq!(sent, accepted);
    }

    #[tokio::test]
    async fn what_is_wrong_with_all_refuses_all() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let url = "https://example.com/";
        for (body, code, pointer) in [
            (json!({"urls": []}), ProblemCode::InvalidBody, "/urls"),
            (
                json!({"urls": vec![url; 101]}),
                ProblemCode::InvalidBody,
                "/urls",
            ),
            (json!({"urls": url}), ProblemCode::InvalidBody, "/urls"),
            (json!({"urls": [7]}), ProblemCode::InvalidBody, "/urls/0"),
            (
                json!({"urls": [url], "options": {"scale": 9}}),
                ProblemCode::InvalidOptions,
                "/options/scale",
            ),
            (
                json!({"urls": [url], "options": {"papr": "a4"}}),
                ProblemCode::InvalidOptions,
                "/options/papr",
            ),
        ] {
            let problem = request(&app, &ada, &body).await.problem(code);
            assert_eq!(problem.errors[0].pointer, pointer, "{body}");
        }
        let account: Value = app.get("/account").user(&ada).send().await.json();
        assert_eq!(account["files"], 0);
        let most = json!({"urls": vec![url; 100]});
        let app = TestApp::with(Settings {
            quota: Quota::UNLIMITED,
            ..Settings::default()
        })
        .await;
        let ada = app.user("ada").await;
        let made = ids(&request(&app, &ada, &most).await);
        assert!(made.len() == 100 && made.iter().all(Option::is_some));
    }

    #[tokio::test]
    async fn a_library_takes_as_many_as_fit() {
        let app = TestApp::with(Settings {
            quota: Quota {
                files: 2,
                in_progress: 2,
            },
            ..Settings::default()
        })
        .await;
        let ada = app.user("ada").await;
        let body = json!({"urls": vec!["https://example.com/"; 3]});
        let answer = request(&app, &ada, &body).await;
        let answer: RequestResults = answer.expect(200).json();
        let refused = answer.results[2].problem.as_ref().unwrap();
        assert_eq!(refused.code, ProblemCode::QuotaExceeded);
        assert!(answer.results[1].file.is_some());
    }

    #[tokio::test]
    async fn a_repeat_with_the_key_gets_the_first_answer() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let body = json!({"urls": vec!["https://example.com/"; 3]});
        let keyed = |key: &'static str| {
            let call = app.post("/requests").user(&ada);
            call.header("idempotency-key", key).json(&body).send()
        };
        let first = ids(&keyed("k").await);
        assert_eq!(ids(&keyed("k").await), first);
        assert_ne!(ids(&keyed("other").await), first);
        let mut distinct = first.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 3);
    }
}
