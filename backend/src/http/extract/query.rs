//! A query string.

use axum::extract::{FromRequestParts, rejection::QueryRejection};
use http::request::Parts;
use platen_api_types::ProblemCode;
use serde::de::DeserializeOwned;

use crate::http::error::ApiError;

/// The query string as `T`. Unknown parameters are errors where `T` says so.
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        axum::extract::Query::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|rejection| refusal(&rejection))
    }
}

fn refusal(rejection: &QueryRejection) -> ApiError {
    let text = rejection.body_text();
    let reason = text
        .rsplit_once("query string: ")
        .map_or(&*text, |(_, reason)| reason);
    ApiError::new(
        ProblemCode::InvalidQuery,
        format!("The query cannot be used: {reason}."),
    )
}
