//! `GET /webhooks`

use std::sync::Arc;

use axum::{Json, extract::State};
use platen_api_types::{ProblemCode, WebhookList};

use crate::http::{App, error::ApiError, extract::Notifier};

pub(crate) const PROBLEMS: &[ProblemCode] = &[];

/// My webhooks, newest first
#[utoipa::path(
    get,
    path = "/webhooks",
    operation_id = "listWebhooks",
    tag = "webhooks",
    responses((
        status = 200,
        description = "All of them; those that were disabled, too.",
        body = WebhookList,
    )),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Notifier(identity): Notifier,
) -> Result<Json<WebhookList>, ApiError> {
    Ok(Json(WebhookList {
        webhooks: app.webhooks.list(identity.user).await?,
    }))
}
