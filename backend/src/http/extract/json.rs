//! A JSON body.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use platen_api_types::{Object, ProblemCode, limits};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::http::error::ApiError;

/// How long a body may take to arrive. A quarter of a megabyte is there in it on any line that
/// deserves the name.
const PATIENCE: Duration = Duration::from_secs(15);

/// The body, read to its end, at most 256 KiB, as JSON of type `T`.
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        check_headers(&parts.headers)?;
        parse(&read(body).await?).map(Self)
    }
}

/// Refuses before a byte is read what cannot be accepted.
fn check_headers(headers: &HeaderMap) -> Result<(), ApiError> {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limits::BODY_BYTES as u64) {
        return Err(too_large());
    }
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if content_type.is_some_and(is_json) {
        Ok(())
    } else {
        Err(ApiError::new(
            ProblemCode::UnsupportedMediaType,
            "Send the body as JSON, with the header Content-Type: application/json.",
        ))
    }
}

/// `application/json`, with or without parameters. Nothing that a form of another site can send.
fn is_json(content_type: &str) -> bool {
    content_type
        .split(';')
        .next()
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    let body = Limited::new(body, limits::BODY_BYTES).collect();
    match tokio::time::timeout(PATIENCE, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(ApiError::new(
            ProblemCode::RequestTimeout,
            "The body did not arrive in time. Send it again.",
        )
        .with_header(header::CONNECTION, HeaderValue::from_static("close"))),
        Ok(Err(_)) => Err(ApiError::new(
            ProblemCode::MalformedRequest,
            "The body ended before it was complete. Send it again.",
        )),
    }
}

fn too_large() -> ApiError {
    ApiError::new(
        ProblemCode::BodyTooLarge,
        format!("A body has at most {} bytes.", limits::BODY_BYTES),
    )
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let Object(value) = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        let error = error.into_inner();
        match error.classify() {
            Category::Data => ApiError::new(ProblemCode::InvalidBody, sentence(&error)).at(pointer),
            Category::Syntax | Category::Eof | Category::Io => malformed(&error),
        }
    })?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> ApiError {
    ApiError::new(
        ProblemCode::MalformedBody,
        format!("The body is not JSON: {error}."),
    )
}

/// The message of serde without the position: the pointer says where.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(text, _)| text);
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), characters.as_str()),
        None => String::new(),
    }
}

/// JSON Pointer (RFC 6901) of what serde was reading.
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use platen_api_types::NewRequest;

    use super::*;

    fn refused(body: &str) -> (ProblemCode, String) {
        let error = parse::<NewRequest>(body.as_bytes()).map(drop).unwrap_err();
        let pointer = error.errors().first().map(|error| error.pointer.clone());
        (error.code(), pointer.unwrap_or_default())
    }

    #[test]
    fn tells_syntax_from_wrong_fields_and_says_which() {
        for (body, code, pointer) in [
            ("", ProblemCode::MalformedBody, ""),
            ("{", ProblemCode::MalformedBody, ""),
            (r#"{"url":"x"} {}"#, ProblemCode::MalformedBody, ""),
            ("\u{feff}{}", ProblemCode::MalformedBody, ""),
            ("{}", ProblemCode::InvalidBody, ""),
            ("[]", ProblemCode::InvalidBody, ""),
            (r#"["https://example.com"]"#, ProblemCode::InvalidBody, ""),
            (
                r#"{"url":"x","options":{"wait":[]}}"#,
                ProblemCode::InvalidBody,
                "/options/wait",
            ),
            (r#"{"url":1}"#, ProblemCode::InvalidBody, "/url"),
            (
                r#"{"url":"x","u/rl~":1}"#,
                ProblemCode::InvalidBody,
                "/u~1rl~0",
            ),
            (
                r#"{"url":"x","options":{"wait":{"delay_ms":-1}}}"#,
                ProblemCode::InvalidBody,
                "/options/wait/delay_ms",
            ),
        ] {
            assert_eq!(refused(body), (code, pointer.to_owned()), "{body}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let body = format!("{{\"options\":{}", "[".repeat(200_000));
        let (code, _) = refused(&body);
        assert!(matches!(
            code,
            ProblemCode::MalformedBody | ProblemCode::InvalidBody
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let never = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
        let error = read(never).await.unwrap_err();
        assert_eq!(error.code(), ProblemCode::RequestTimeout);
    }

    #[test]
    fn only_json_is_json() {
        for good in ["application/json", "Application/JSON; charset=utf-8"] {
            assert!(is_json(good), "{good}");
        }
        for bad in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "json",
            "",
        ] {
            assert!(!is_json(bad), "{bad}");
        }
    }
}
