//! `DELETE /keys/{id}`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use platen_api_types::{KeyId, ProblemCode};

use crate::http::{
    App,
    error::ApiError,
    extract::{KeyPath, SignedIn},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[ProblemCode::NotFound];

/// End an API key
///
/// It is of no use from the next request on. A key that is not there is not found, so that nobody
/// takes a mistyped id for a key that has ended.
#[utoipa::path(
    delete,
    path = "/keys/{id}",
    operation_id = "deleteKey",
    tag = "keys",
    params(("id" = KeyId, Path, description = "Id of the key.")),
    responses((status = 204, description = "The key is of no use any more.")),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    SignedIn(identity): SignedIn,
    KeyPath(key): KeyPath,
) -> Result<StatusCode, ApiError> {
    if app.accounts.delete_key(identity.user, key).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::no_such_key())
    }
}
