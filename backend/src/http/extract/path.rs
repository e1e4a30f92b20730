//! The part of a path that names something.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use platen_api_types::{KeyId, WebhookId};

use crate::http::error::ApiError;

/// The last segment of the path as `T`. What cannot be one names no file.
pub(crate) struct FilePath<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for FilePath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let segment = last_segment(parts, state).await;
        segment.map(Self).ok_or_else(ApiError::no_such_file)
    }
}

/// The last segment of the path as the id of a key. What cannot be one names none.
pub(crate) struct KeyPath(pub KeyId);

impl<S: Send + Sync> FromRequestParts<S> for KeyPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let segment = last_segment(parts, state).await;
        segment.map(Self).ok_or_else(ApiError::no_such_key)
    }
}

/// The id of a webhook in the path. What cannot be one names none.
pub(crate) struct WebhookPath(pub WebhookId);

impl<S: Send + Sync> FromRequestParts<S> for WebhookPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let segment = last_segment(parts, state).await;
        segment.map(Self).ok_or_else(ApiError::no_such_webhook)
    }
}

async fn last_segment<T: FromStr, S: Send + Sync>(parts: &mut Parts, state: &S) -> Option<T> {
    let Path(segment) = Path::<String>::from_request_parts(parts, state)
        .await
        .ok()?;
    segment.parse().ok()
}
