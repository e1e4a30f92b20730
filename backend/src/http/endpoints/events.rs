//! `GET /events`

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use platen_api_types::{File, ProblemCode, UserId};
use platen_pipeline::{Change, IndexError, Revision};
use platen_telemetry::Chain;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{
    accounts::Identity,
    http::{App, error::ApiError, extract::Reader},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[];

static LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Shorter than the idle time-outs of proxies, which start at 30 seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often a session is looked at that another server may have ended.
const LOOK_AT_SESSION: Duration = Duration::from_secs(20);

/// How long a browser waits before it connects again.
const RECONNECT: Duration = Duration::from_secs(2);

/// Follow my files
///
/// Server-sent events: every change of a file comes as an event `file` with the file object, whose
/// status is `deleting` once it has left the list. While it is `rendering`, each stage that lasts is a
/// change, too. Nothing is told of what was before; a reader
/// that sends the id of the last event it saw as `Last-Event-ID` gets what changed since.
/// The stream ends with the session.
#[utoipa::path(
    get,
    path = "/events",
    operation_id = "followFiles",
    tag = "files",
    params(("Last-Event-ID" = Option<String>, Header, description = "Id of the last event seen.")),
    responses((
        status = 200,
        description = "Events, without end.",
        content_type = "text/event-stream",
        body = String,
    )),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Reader(identity): Reader,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // An id that is not one of ours is the id of nothing seen.
    let after = headers
        .get(&LAST_EVENT_ID)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Revision);
    // Subscribed before the first event, so that no end of the session is missed.
    let session_changes = app.accounts.session_changes();
    let events = app
        .index
        .changes(identity.user, after)
        .map(event)
        .take_while(|event| std::future::ready(event.is_some()))
        .filter_map(|event| std::future::ready(event.map(Ok::<_, Infallible>)))
        .take_until(ended(app, identity, session_changes));
    Ok(sse(events).into_response())
}

fn sse<S>(events: S) -> impl IntoResponse
where
    S: Stream<Item = Result<Event, Infallible>> + Send + 'static,
{
    let hello = stream::iter([Ok(Event::default().retry(RECONNECT))]);
    let sse = Sse::new(hello.chain(events)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    let headers = [
        // For nginx, which else collects answers before it passes them on.
        (HeaderName::from_static("x-accel-buffering"), "no"),
        // Stronger than what is usual for events: what they tell is nobody else's.
        (header::CACHE_CONTROL, "no-store"),
    ];
    (
        headers.map(|(name, value)| (name, HeaderValue::from_static(value))),
        sse,
    )
}

/// `None`: the stream cannot go on; the browser will connect again.
fn event(change: Result<Change, IndexError>) -> Option<Event> {
    let change = change
        .inspect_err(|error| tracing::error!(error = %Chain(error), "stream of events ended"))
        .ok()?;
    Event::default()
        .event("file")
        .id(change.revision.0.to_string())
        .json_data(File::from(change.record))
        .ok()
}

/// Completes when the server stops, or the session is not the user's any more.
async fn ended(app: Arc<App>, identity: Identity, mut sessions: broadcast::Receiver<UserId>) {
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            user = sessions.recv() => match user {
                Ok(user) if user != identity.user => continue,
                // Missed some: one of them may have been ours.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            () = tokio::time::sleep(LOOK_AT_SESSION) => {}
        }
        match app.accounts.is_current(&identity).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(error = %Chain(&error), "stream of events ended");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::BodyDataStream;
    use platen_api_types::{FileStatus, Stage};

    use super::*;
    use crate::http::testing::{TestApp, User};

    struct Follower(BodyDataStream, String);

    impl Follower {
        async fn of(app: &TestApp, user: &User, last: Option<&str>) -> Self {
            let mut call = app.get("/events").user(user);
            if let Some(last) = last {
                call = call.header("last-event-id", last);
            }
            let response = call.start().await;
            assert_eq!(response.headers()["content-type"], "text/event-stream");
            assert_eq!(response.headers()["x-accel-buffering"], "no");
            let mut follower = Self(response.into_body().into_data_stream(), String::new());
            assert_eq!(follower.block().await.as_deref(), Some("retry: 2000"));
            follower
        }

        /// The next event as text; `None` at the end of the stream.
        async fn block(&mut self) -> Option<String> {
            let next = async {
                loop {
                    if let Some((block, rest)) = self.1.split_once("\n\n") {
                        let block = block.to_owned();
                        self.1 = rest.to_owned();
                        return Some(block);
                    }
                    let bytes = self.0.next().await?.unwrap();
                    self.1.push_str(std::str::from_utf8(&bytes).unwrap());
                }
            };
            tokio::time::timeout(Duration::from_secs(10), next)
                .await
                .unwrap()
        }

        /// Id and file of the next event.
        async fn file(&mut self) -> (String, File) {
            let block = self.block().await.unwrap();
            let field = |name: &str| {
                let prefix = format!("{name}: ");
                block
                    .lines()
                    .find_map(|line| line.strip_prefix(&prefix))
                    .unwrap()
            };
            assert_eq!(field("event"), "file");
            (
                field("id").to_owned(),
                serde_json::from_str(field("data")).unwrap(),
            )
        }
    }

    #[tokio::test]
    async fn changes_of_ones_own_files_come_as_they_happen() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let mut follower = Follower::of(&app, &ada, None).await;
        app.queued(&bob).await;
        let record = app.queued(&ada).await;
        let (first, file) = follower.file().await;
        assert_eq!((file.id, file.status), (record.id, FileStatus::Queued));
        app.delete(&format!("/file/{}", record.name))
            .user(&ada)
            .send()
            .await
            .expect(204);
        let (_, file) = follower.file().await;
        assert_eq!((file.id, file.status), (record.id, FileStatus::Deleting));
        // Whoever lost the connection gets what it missed.
        let mut again = Follower::of(&app, &ada, Some(&first)).await;
        let (_, file) = again.file().await;
        assert_eq!(file.status, FileStatus::Deleting);
        Follower::of(&app, &ada, Some("nonsense")).await;
    }

    #[tokio::test]
    async fn stages_come_as_they_are_told() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let record = app.claimed(&ada).await;
        let mut follower = Follower::of(&app, &ada, None).await;
        for stage in [Stage::Printing, Stage::Saving] {
            app.tell(&record, stage).await;
            let (_, file) = follower.file().await;
            assert_eq!((file.id, file.stage), (record.id, Some(stage)));
            assert_eq!(file.status, FileStatus::Rendering);
        }
    }

    #[tokio::test]
    async fn the_stream_ends_with_the_session() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let mut follower = Follower::of(&app, &ada, None).await;
        let bob = app.user("bob").await;
        app.post("/sign-out").user(&bob).send().await.expect(204);
        app.queued(&ada).await;
        follower.file().await;
        app.signed_in("ada").await;
        assert_eq!(follower.block().await, None);
    }

    #[tokio::test]
    async fn the_stream_ends_with_the_server() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let mut follower = Follower::of(&app, &ada, None).await;
        app.stopping.cancel();
        assert_eq!(follower.block().await, None);
    }
}
