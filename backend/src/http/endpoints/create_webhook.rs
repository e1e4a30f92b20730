//! `POST /webhooks`

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use platen_api_types::{CreatedWebhook, NewWebhook, ProblemCode};

use crate::http::{
    App,
    error::ApiError,
    extract::{Json, Notifier},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[
    ProblemCode::TooManyWebhooks,
    ProblemCode::InvalidUrl,
    ProblemCode::DestinationBlocked,
];

/// Be called when a file is ready or has failed
///
/// The receiver gets a POST with a `WebhookPayload`, signed as
/// [Standard Webhooks](https://www.standardwebhooks.com) says with the secret that is shown here and
/// never again. A status of 200 to 299 within 20 seconds means that it was taken; redirects are not
/// followed. Anything else is tried again for three days, at growing intervals or when `Retry-After`
/// says; the same call may come twice, with the same `webhook-id`. A receiver that answers 410, or
/// that nothing gets through to for five days, is not called any more.
#[utoipa::path(
    post,
    path = "/webhooks",
    operation_id = "createWebhook",
    tag = "webhooks",
    request_body = NewWebhook,
    responses((status = 201, description = "The webhook, and its secret.", body = CreatedWebhook)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Notifier(identity): Notifier,
    Json(new): Json<NewWebhook>,
) -> Result<Response, ApiError> {
    let created = app.webhooks.create(identity.user, new).await?;
    let location = format!("/api/v1/webhooks/{}", created.webhook.id);
    let mut response = (StatusCode::CREATED, axum::Json(created)).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use http::Method;
    use platen_api_types::{CreatedKey, Scope, WebhookEvent, WebhookList};
    use serde_json::{Value, json};

    use super::*;
    use crate::http::testing::{TestApp, User};

    const URL: &str = "https://example.com/hooks";

    async fn create(app: &TestApp, user: &User, body: &Value) -> CreatedWebhook {
        let answer = app.post("/webhooks").user(user).json(body).send().await;
        let created: CreatedWebhook = answer.expect(201).json();
        let location = format!("/api/v1/webhooks/{}", created.webhook.id);
        assert_eq!(answer.header("location"), location);
        created
    }

    async fn hooks(app: &TestApp, user: &User) -> WebhookList {
        app.get("/webhooks").user(user).send().await.json()
    }

    #[tokio::test]
    async fn a_webhook_is_listed_without_its_secret_until_it_is_deleted() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let created = create(&app, &ada, &json!({ "url": URL })).await;
        assert!(created.secret.starts_with("whsec_"));
        assert_eq!(created.webhook.events, WebhookEvent::ALL);
        let answer = app.get("/webhooks").user(&ada).send().await;
        assert!(!String::from_utf8_lossy(&answer.body).contains(&created.secret[6..]));
        let list: WebhookList = answer.json();
        assert_eq!(list.webhooks, std::slice::from_ref(&created.webhook));
        let path = format!("/webhooks/{}", created.webhook.id);
        app.delete(&path).user(&ada).send().await.expect(204);
        let twice = app.delete(&path).user(&ada).send().await;
        twice.problem(ProblemCode::NotFound);
        assert!(hooks(&app, &ada).await.webhooks.is_empty());
    }

    #[tokio::test]
    async fn what_cannot_be_a_receiver_is_refused_with_its_field() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        for (body, code, pointer) in [
            (
                json!({"url": "example.com"}),
                ProblemCode::InvalidUrl,
                "/url",
            ),
            (
                json!({"url": "https://a:b@example.com/"}),
                ProblemCode::InvalidUrl,
                "/url",
            ),
            (
                json!({"url": "ftp://example.com/"}),
                ProblemCode::InvalidUrl,
                "/url",
            ),
            (
                json!({"url": "http://127.0.0.1/"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": "http://169.254.169.254/"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": "http://[::1]/"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": "http://printer.local/"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": "https://example.com:6379/"}),
                ProblemCode::DestinationBlocked,
                "/url",
            ),
            (
                json!({"url": URL, "events": []}),
                ProblemCode::InvalidBody,
                "/events",
            ),
            (
                json!({"url": URL, "events": ["file.gone"]}),
                ProblemCode::InvalidBody,
                "/events/0",
            ),
            (
                json!({"url": URL, "secret": "mine"}),
                ProblemCode::InvalidBody,
                "/secret",
            ),
            (json!({}), ProblemCode::InvalidBody, ""),
        ] {
            let answer = app.post("/webhooks").user(&ada).json(&body).send().await;
            let problem = answer.problem(code);
            assert_eq!(problem.errors[0].pointer, pointer, "{body}");
        }
        assert!(hooks(&app, &ada).await.webhooks.is_empty());
    }

    #[tokio::test]
    async fn there_is_an_end_to_how_many() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let body = json!({ "url": URL });
        for _ in 0..platen_api_types::limits::WEBHOOKS {
            create(&app, &ada, &body).await;
        }
        let answer = app.post("/webhooks").user(&ada).json(&body).send().await;
        answer.problem(ProblemCode::TooManyWebhooks);
        create(&app, &bob, &body).await;
    }

    #[tokio::test]
    async fn the_webhook_of_another_is_not_found_and_stays() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let created = create(&app, &ada, &json!({ "url": URL })).await;
        for id in [created.webhook.id.to_string(), "no-id".to_owned()] {
            let path = format!("/webhooks/{id}");
            let answer = app.delete(&path).user(&bob).send().await;
            answer.problem(ProblemCode::NotFound);
            let log = format!("{path}/deliveries");
            let answer = app.get(&log).user(&bob).send().await;
            answer.problem(ProblemCode::NotFound);
        }
        assert!(hooks(&app, &bob).await.webhooks.is_empty());
        assert_eq!(hooks(&app, &ada).await.webhooks.len(), 1);
    }

    #[tokio::test]
    async fn a_key_needs_a_scope_of_its_own() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let hook = create(&app, &ada, &json!({ "url": URL })).await;
        let path = format!("/webhooks/{}", hook.webhook.id);
        for (scopes, may) in [
            (&[Scope::FilesRead, Scope::FilesWrite][..], false),
            (&[Scope::Webhooks], true),
        ] {
            let body = json!({"name": "k", "scopes": scopes});
            let answer = app.post("/keys").user(&ada).json(&body).send().await;
            let key: CreatedKey = answer.expect(201).json();
            let program = User {
                id: ada.id,
                token: key.token,
            };
            for (method, path, status) in [
                (Method::GET, "/webhooks", 200),
                (Method::GET, &*format!("{path}/deliveries"), 200),
                (Method::POST, "/webhooks", 201),
                (Method::DELETE, &*path, 204),
            ] {
                let call = app.call(method, path).user(&program);
                let answer = call.json(&json!({ "url": URL })).send().await;
                if may {
                    answer.expect(status);
                } else {
                    answer.problem(ProblemCode::InsufficientScope);
                }
            }
            if may {
                let answer = app.get("/files").user(&program).send().await;
                answer.problem(ProblemCode::InsufficientScope);
            }
        }
    }

    #[tokio::test]
    async fn a_log_query_that_makes_no_sense_is_told() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let hook = create(&app, &ada, &json!({ "url": URL })).await;
        let path = format!("/webhooks/{}/deliveries", hook.webhook.id);
        for query in ["?limit=0", "?limit=201", "?cursor=x", "?page=2"] {
            let answer = app.get(&format!("{path}{query}")).user(&ada).send().await;
            answer.problem(ProblemCode::InvalidQuery);
        }
        app.get(&path).user(&ada).send().await.expect(200);
    }
}
