//! `GET /keys`

use std::sync::Arc;

use axum::{Json, extract::State};
use platen_api_types::{KeyList, ProblemCode};

use crate::http::{App, error::ApiError, extract::SignedIn};

pub(crate) const PROBLEMS: &[ProblemCode] = &[];

/// My API keys, newest first
#[utoipa::path(
    get,
    path = "/keys",
    operation_id = "listKeys",
    tag = "keys",
    responses((status = 200, description = "All of them; those that have expired, too.", body = KeyList)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    SignedIn(identity): SignedIn,
) -> Result<Json<KeyList>, ApiError> {
    Ok(Json(KeyList {
        keys: app.accounts.keys(identity.user).await?,
    }))
}
