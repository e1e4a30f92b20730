//! `GET /request/{id}`

use std::sync::Arc;

use axum::{Json, extract::State};
use platen_api_types::{File, FileId, ProblemCode};
use platen_pipeline::{FileKey, FileRecord, FileState};

use crate::http::{
    App,
    error::ApiError,
    extract::{FilePath, Reader},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[ProblemCode::NotFound];

/// State of one request
#[utoipa::path(
    get,
    path = "/request/{id}",
    operation_id = "getRequest",
    tag = "files",
    params(("id" = FileId, Path, description = "Id of the file.")),
    responses((status = 200, description = "The file as it is now.", body = File)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Reader(identity): Reader,
    FilePath(file): FilePath<FileId>,
) -> Result<Json<File>, ApiError> {
    let user = identity.user;
    let record = find(&app, FileKey { user, file }).await?;
    Ok(Json(record.into()))
}

/// A file that its owner can still see.
pub(super) async fn find(app: &App, key: FileKey) -> Result<FileRecord, ApiError> {
    app.index
        .get(key)
        .await?
        .filter(|record| record.state != FileState::Deleting)
        .ok_or_else(ApiError::no_such_file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::TestApp;

    #[tokio::test]
    async fn only_the_owner_sees_it() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let record = app.ready(&ada, "A title", b"%PDF-").await;
        let path = format!("/request/{}", record.id);
        let file: File = app.get(&path).user(&ada).send().await.json();
        assert_eq!(file, record.into());
        let others = app.get(&path).user(&bob).send().await;
        let missing = "/request/0198c0de-0000-7000-8000-000000000001";
        let missing = app.get(missing).user(&bob).send().await;
        let nonsense = app.get("/request/%ff").user(&bob).send().await;
        let details: Vec<String> = [others, missing, nonsense]
            .iter()
            .map(|answer| answer.problem(ProblemCode::NotFound).detail)
            .collect();
        assert!(details.iter().all(|detail| *detail == details[0]));
    }

    #[tokio::test]
    async fn what_is_being_deleted_is_gone() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let record = app.queued(&ada).await;
        let name = format!("/file/{}", record.name);
        app.delete(&name).user(&ada).send().await.expect(204);
        let answer = app
            .get(&format!("/request/{}", record.id))
            .user(&ada)
            .send()
            .await;
        answer.problem(ProblemCode::NotFound);
    }
}
