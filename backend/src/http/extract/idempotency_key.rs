//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header).

use axum::extract::FromRequestParts;
use http::{HeaderName, request::Parts};
use platen_api_types::ProblemCode;

use crate::http::error::ApiError;

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Characters a key may have.
const LONGEST: usize = 255;

/// The client's key for this request, if it sent one.
pub(crate) struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut values = parts.headers.get_all(&IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else {
            return Ok(Self(None));
        };
        value
            .to_str()
            .ok()
            .filter(|_| values.next().is_none())
            .map(unquoted)
            .filter(|key| (1..=LONGEST).contains(&key.len()))
            .map(|key| Self(Some(key.to_owned())))
            .ok_or_else(|| {
                ApiError::new(
                    ProblemCode::MalformedRequest,
                    format!("Idempotency-Key has 1 to {LONGEST} printable ASCII characters."),
                )
            })
    }
}

/// The draft has a quoted string, clients in the wild send bare text: both name the same key.
fn unquoted(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value)
}
