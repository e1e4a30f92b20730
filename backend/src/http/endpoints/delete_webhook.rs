//! `DELETE /webhooks/{id}`

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use platen_api_types::{ProblemCode, WebhookId};

use crate::http::{
    App,
    error::ApiError,
    extract::{Notifier, WebhookPath},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[ProblemCode::NotFound];

/// End a webhook
///
/// It is called no more, what it was still to be told included, and its log is forgotten.
#[utoipa::path(
    delete,
    path = "/webhooks/{id}",
    operation_id = "deleteWebhook",
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "Id of the webhook.")),
    responses((status = 204, description = "The webhook is gone.")),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Notifier(identity): Notifier,
    WebhookPath(hook): WebhookPath,
) -> Result<StatusCode, ApiError> {
    if app.webhooks.delete(identity.user, hook).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::no_such_webhook())
    }
}
