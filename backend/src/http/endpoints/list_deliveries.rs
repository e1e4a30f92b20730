//! `GET /webhooks/{id}/deliveries`

use std::sync::Arc;

use axum::{Json, extract::State};
use platen_api_types::{DeliveryId, DeliveryList, Order, ProblemCode, WebhookId, limits};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{
    App, cursor,
    error::ApiError,
    extract::{Notifier, Query, WebhookPath},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[ProblemCode::InvalidQuery, ProblemCode::NotFound];

/// Which part of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// Deliveries per page; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What a webhook was told, newest first
///
/// Deliveries are kept for 30 days, and the newest 1000 at most.
#[utoipa::path(
    get,
    path = "/webhooks/{id}/deliveries",
    operation_id = "listDeliveries",
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "Id of the webhook."), Part),
    responses((status = 200, description = "One page of the log.", body = DeliveryList)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Notifier(identity): Notifier,
    WebhookPath(hook): WebhookPath,
    Query(part): Query<Part>,
) -> Result<Json<DeliveryList>, ApiError> {
    let limit = part.limit.unwrap_or(limits::DEFAULT_PAGE_SIZE);
    if !limits::PAGE_SIZE.contains(&limit) {
        return Err(refusal("/limit", "limit is between 1 and 200"));
    }
    let after = part
        .cursor
        .map(|cursor| {
            cursor::read(Order::Newest, &cursor)
                .map(DeliveryId::from_uuid)
                .ok_or_else(|| refusal("/cursor", "cursor is the next_cursor of a page before"))
        })
        .transpose()?;
    // One more than asked for tells whether there are more.
    let most = usize::from(limit);
    let mut deliveries = app
        .webhooks
        .deliveries(identity.user, hook, after, limit + 1)
        .await?
        .ok_or_else(ApiError::no_such_webhook)?;
    let has_more = deliveries.len() > most;
    deliveries.truncate(most);
    let last = deliveries.last().filter(|_| has_more);
    Ok(Json(DeliveryList {
        next_cursor: last.map(|last| cursor::write(Order::Newest, last.id.as_uuid())),
        deliveries,
    }))
}

fn refusal(pointer: &str, detail: &str) -> ApiError {
    ApiError::new(
        ProblemCode::InvalidQuery,
        format!("The query cannot be used: {detail}."),
    )
    .at(pointer)
}
