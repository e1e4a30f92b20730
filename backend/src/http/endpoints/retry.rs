//! `POST /request/{id}/retry`

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use platen_api_types::{File, FileId, ProblemCode};
use platen_pipeline::{FileKey, FileState};

use super::request_state::find;
use crate::http::{
    App,
    error::ApiError,
    extract::{FilePath, Writer},
    layers::TraceParent,
    submission::send,
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[ProblemCode::NotFound, ProblemCode::NotFailed];

/// Try a failed request again
///
/// A request that is already on its way stays so: asking twice does no harm.
#[utoipa::path(
    post,
    path = "/request/{id}/retry",
    operation_id = "retryRequest",
    tag = "files",
    params(("id" = FileId, Path, description = "Id of the file.")),
    responses((status = 202, description = "The request is on its way.", body = File)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Writer(identity): Writer,
    FilePath(file): FilePath<FileId>,
    Extension(trace): Extension<TraceParent>,
) -> Result<Response, ApiError> {
    let user = identity.user;
    let key = FileKey { user, file };
    let record = match app.index.requeue(key).await? {
        Some(record) => record,
        None => find(&app, key).await?,
    };
    match record.state {
        FileState::Queued => send(&app, &record, &trace).await,
        FileState::Rendering { .. } => {}
        FileState::Ready { .. } | FileState::Failed { .. } | FileState::Deleting => {
            return Err(ApiError::new(
                ProblemCode::NotFailed,
                "Only a request that failed can be tried again. Ask for the page anew instead.",
            ));
        }
    }
    Ok((StatusCode::ACCEPTED, Json(File::from(record))).into_response())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use platen_api_types::FileStatus;
    use platen_pipeline::{ConversionQueue, FileRecord};

    use super::*;
    use crate::http::testing::{Answer, TestApp, User};

    async fn retry(app: &TestApp, user: &User, record: &FileRecord) -> Answer {
        let path = format!("/request/{}/retry", record.id);
        app.post(&path).user(user).send().await
    }

    #[tokio::test]
    async fn a_failed_request_is_queued_again() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let record = app.failed(&ada).await;
        for _ in 0..2 {
            let file: File = retry(&app, &ada, &record).await.expect(202).json();
            assert_eq!((file.status, file.reason), (FileStatus::Queued, None));
        }
        let queue = &app.pipeline.queue;
        let deliveries = queue
            .receive(10, Duration::ZERO, Duration::ZERO)
            .await
            .unwrap();
        assert!(!deliveries.is_empty());
    }

    #[tokio::test]
    async fn others_are_not() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let ready = app.ready(&ada, "", b"%PDF-").await;
        retry(&app, &ada, &ready)
            .await
            .problem(ProblemCode::NotFailed);
        let failed = app.failed(&ada).await;
        retry(&app, &bob, &failed)
            .await
            .problem(ProblemCode::NotFound);
    }
}
