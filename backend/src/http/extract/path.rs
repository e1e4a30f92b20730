//! The part of a path that names a file.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::http::error::ApiError;

/// The last segment of the path as `T`. What cannot be one names no file.
pub(crate) struct FilePath<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for FilePath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Path::<String>::from_request_parts(parts, state)
            .await
            .ok()
            .and_then(|Path(segment)| segment.parse().ok())
            .map(Self)
            .ok_or_else(ApiError::no_such_file)
    }
}
