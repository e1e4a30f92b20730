//! User name and password, as JSON or as HTTP Basic.

use axum::{
    RequestExt,
    extract::{FromRequest, Request},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::header;
use hyper::body::Body as _;
use platen_api_types::{Credentials, ProblemCode};

use super::Json;
use crate::http::error::ApiError;

/// From an `Authorization: Basic` header (RFC 7617), else from the body.
pub(crate) struct SignInCredentials(pub Credentials);

impl<S: Send + Sync> FromRequest<S> for SignInCredentials {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let basic = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
        if let Some((_, encoded)) = basic {
            return decode(encoded).map(Self).ok_or_else(|| {
                ApiError::new(
                    ProblemCode::MalformedRequest,
                    "The Authorization header is not Basic with base64 of user name, colon, password.",
                )
            });
        }
        // The media type of nothing does not matter.
        if request.body().is_end_stream() && !request.headers().contains_key(header::CONTENT_TYPE) {
            return Err(ApiError::new(
                ProblemCode::InvalidCredentials,
                "Send user name and password, as JSON or as HTTP Basic.",
            ));
        }
        let Json(credentials) = request.extract().await?;
        Ok(Self(credentials))
    }
}

fn decode(encoded: &str) -> Option<Credentials> {
    let bytes = STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (username, password) = text.split_once(':')?;
    Some(Credentials {
        username: username.to_owned(),
        password: password.to_owned(),
    })
}
