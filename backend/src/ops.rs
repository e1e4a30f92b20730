//! What operators ask, on a listener of their own: `/healthz`, `/readyz`, `/metrics`.

use std::{error::Error, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use futures::{FutureExt, future::BoxFuture};
use http::{StatusCode, header};
use platen_telemetry::Metrics;
use serde::Serialize;

use platen_telemetry::Chain;

use crate::http::App;

/// A part that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Clone)]
struct Ops {
    app: Arc<App>,
    metrics: Metrics,
}

/// The operators' interface.
pub fn router(app: Arc<App>, metrics: Metrics) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(render_metrics))
        .with_state(Ops { app, metrics })
}

/// Whether the server can do its work, and else which part keeps it from that.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    checks: Vec<Check>,
}

#[derive(Debug, Serialize)]
struct Check {
    part: &'static str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

async fn ready(State(Ops { app, .. }): State<Ops>) -> Response {
    let checks = futures::future::join_all([
        check("database", app.accounts.ping().boxed()),
        check("index", app.index.ping().boxed()),
        check("queue", app.queue.ping().boxed()),
        check("store", app.store.ping().boxed()),
    ])
    .await;
    // While it drains, new requests belong elsewhere.
    let ready = checks.iter().all(|check| check.ok) && !app.stopping.is_cancelled();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Readiness { ready, checks })).into_response()
}

async fn render_metrics(State(Ops { metrics, .. }): State<Ops>) -> Response {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], metrics.render()).into_response()
}

fn check<'a, E: Error + 'static>(
    part: &'static str,
    ping: BoxFuture<'a, Result<(), E>>,
) -> BoxFuture<'a, Check> {
    async move {
        let error = match tokio::time::timeout(PATIENCE, ping).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Chain(&error).to_string()),
            Err(_) => Some(format!("no answer within {PATIENCE:?}")),
        };
        Check {
            part,
            ok: error.is_none(),
            error,
        }
    }
    .boxed()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt;
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;
    use crate::http::testing::TestApp;

    async fn ask(app: &TestApp, path: &str) -> (u16, String) {
        let router = router(Arc::clone(&app.app), Metrics::detached().unwrap());
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn readiness(app: &TestApp) -> (u16, Value) {
        let (status, body) = ask(app, "/readyz").await;
        (status, serde_json::from_str(&body).unwrap())
    }

    #[tokio::test]
    async fn ready_when_every_part_answers() {
        let app = TestApp::start().await;
        let parts = ["database", "index", "queue", "store"];
        let checks = parts.map(|part| json!({"part": part, "ok": true}));
        let expected = json!({"ready": true, "checks": checks});
        assert_eq!(readiness(&app).await, (200, expected));
        assert_eq!(ask(&app, "/healthz").await, (200, "ok\n".to_owned()));
        assert_eq!(ask(&app, "/metrics").await.0, 200);
    }

    #[tokio::test]
    async fn says_which_part_keeps_it_from_being_ready() {
        let app = TestApp::start().await;
        app.database.close().await;
        let (status, readiness) = readiness(&app).await;
        assert_eq!(status, 503);
        assert_eq!(readiness["ready"], false);
        assert_eq!(readiness["checks"][0]["ok"], false);
        assert!(readiness["checks"][0]["error"].is_string());
        assert_eq!(readiness["checks"][1]["ok"], true);
        assert_eq!(ask(&app, "/healthz").await.0, 200);
    }

    #[tokio::test]
    async fn not_ready_while_it_stops() {
        let app = TestApp::start().await;
        app.stopping.cancel();
        assert_eq!(readiness(&app).await.0, 503);
    }
}
