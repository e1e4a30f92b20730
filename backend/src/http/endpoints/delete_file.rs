//! `DELETE /file/{name}`

use std::sync::Arc;

use axum::{Extension, extract::State};
use http::StatusCode;
use platen_api_types::ProblemCode;
use platen_pipeline::{FileKey, FileName};

use crate::{
    http::{
        App,
        error::ApiError,
        extract::{FilePath, Writer},
        layers::TraceParent,
    },
    removal,
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[ProblemCode::NotFound];

/// Delete a file
///
/// It leaves the list at once; its PDF and record are removed right after. Deleting a file that is
/// gone already answers the same. A text that cannot be the name of a file is not found.
#[utoipa::path(
    delete,
    path = "/file/{name}",
    operation_id = "deleteFile",
    tag = "files",
    params(("name" = String, Path, description = "Name of the file.")),
    responses((status = 204, description = "The file is gone.")),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Writer(identity): Writer,
    FilePath(name): FilePath<FileName>,
    Extension(trace): Extension<TraceParent>,
) -> Result<StatusCode, ApiError> {
    let user = identity.user;
    if let Some(record) = app.index.get_by_name(user, &name).await? {
        let key = FileKey {
            user,
            file: record.id,
        };
        removal::remove(&*app.index, &*app.queue, key, Some(trace.as_str())).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use platen_pipeline::{ConversionQueue, FileState, Message};

    use super::*;
    use crate::http::testing::TestApp;

    #[tokio::test]
    async fn the_file_is_gone_at_once_and_its_removal_is_on_its_way() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let record = app.ready(&ada, "A title", b"%PDF-").await;
        let path = format!("/file/{}", record.name);
        for _ in 0..2 {
            app.delete(&path).user(&ada).send().await.expect(204);
        }
        app.get(&path)
            .user(&ada)
            .send()
            .await
            .problem(ProblemCode::NotFound);
        let state = app.record(ada.id, record.id).await.unwrap().state;
        assert_eq!(state, FileState::Deleting);
        let queue = &app.pipeline.queue;
        let deliveries = queue
            .receive(10, Duration::ZERO, Duration::from_mins(1))
            .await
            .unwrap();
        let messages: Vec<Message> = deliveries.iter().map(|d| d.message().unwrap()).collect();
        let trace = messages[0].trace_parent.clone().unwrap_or_default();
        assert_eq!(
            messages,
            [Message::delete(ada.id, record.id).traced(&trace)]
        );
    }

    #[tokio::test]
    async fn the_file_of_another_stays() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let record = app.ready(&ada, "A title", b"%PDF-").await;
        let path = format!("/file/{}", record.name);
        app.delete(&path).user(&bob).send().await.expect(204);
        app.get(&path).user(&ada).send().await.expect(200);
    }

    #[tokio::test]
    async fn a_path_is_no_name() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        for name in ["..%2F..%2Fetc%2Fpasswd", "a.exe", "%00.pdf", "%ff.pdf"] {
            let answer = app.delete(&format!("/file/{name}")).user(&ada).send().await;
            answer.problem(ProblemCode::NotFound);
        }
    }
}
