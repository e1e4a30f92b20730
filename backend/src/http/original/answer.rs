//! An answer of the API, taken apart and put together again.

use std::error::Error;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use http_body_util::BodyExt;
use platen_api_types::Problem;
use serde::{Serialize, de::DeserializeOwned};

use crate::http::error::ApiError;

/// What the API has answered. Its bodies have an end that is near: they were made in memory.
pub(super) async fn read<T: DeserializeOwned>(
    body: Body,
) -> Result<T, Box<dyn Error + Send + Sync>> {
    let bytes = body.collect().await?.to_bytes();
    Ok(serde_json::from_slice(&bytes)?)
}

/// [`read`], of an answer whose head is still needed.
pub(super) async fn taken<T: DeserializeOwned>(answer: &mut Response) -> Result<T, ApiError> {
    let body = std::mem::take(answer.body_mut());
    read(body).await.map_err(ApiError::internal)
}

/// The same answer with another status and body. They keep the token themselves, so no cookie is
/// set beside it.
pub(super) fn reworded(answer: Response, status: StatusCode, body: &impl Serialize) -> Response {
    let (mut head, _) = answer.into_parts();
    // Or it would be written over the body.
    head.extensions.remove::<Problem>();
    for own in [
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::SET_COOKIE,
    ] {
        head.headers.remove(own);
    }
    let mut reworded = (status, axum::Json(body)).into_response();
    reworded.headers_mut().extend(head.headers);
    *reworded.extensions_mut() = head.extensions;
    reworded
}
