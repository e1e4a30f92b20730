//! Errors as clients see them: problem details of RFC 9457 with a stable `code`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:tt, $status:literal, $title:literal;)*) => {
        /// What went wrong, for programs. The value never changes once published.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[non_exhaustive]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
        }

        impl ProblemCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// HTTP status that the problem is answered with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// Short summary; the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    MalformedRequest = "malformed_request", 400, "The request could not be read";
    MalformedBody = "malformed_body", 400, "The body is not valid JSON";
    Unauthenticated = "unauthenticated", 401, "Sign in first";
    InvalidCredentials = "invalid_credentials", 401, "User name and password do not match";
    SessionSuperseded = "session_superseded", 401, "You signed in somewhere else";
    SessionExpired = "session_expired", 401, "The session has ended";
    CrossSite = "cross_site", 403, "The request came from another site";
    InsufficientScope = "insufficient_scope", 403, "The API key does not allow this";
    NotFound = "not_found", 404, "Not found";
    NoThumbnail = "no_thumbnail", 404, "There is no picture of this PDF";
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed";
    RequestTimeout = "request_timeout", 408, "The request took too long to arrive";
    UsernameTaken = "username_taken", 409, "The user name is taken";
    IdempotencyConflict = "idempotency_conflict", 409, "The idempotency key was used for something else";
    NotReady = "not_ready", 409, "The PDF is not ready";
    NotFailed = "not_failed", 409, "The request has not failed";
    BodyTooLarge = "body_too_large", 413, "The body is too large";
    UnsupportedMediaType = "unsupported_media_type", 415, "Send JSON";
    RangeNotSatisfiable = "range_not_satisfiable", 416, "The range lies outside the file";
    InvalidBody = "invalid_body", 422, "The body has wrong or missing fields";
    InvalidUsername = "invalid_username", 422, "The user name cannot be used";
    WeakPassword = "weak_password", 422, "The password is too easy to guess";
    InvalidUrl = "invalid_url", 422, "That is not a web address";
    DestinationBlocked = "destination_blocked", 422, "The address is not on the public internet";
    InvalidOptions = "invalid_options", 422, "The options cannot be used";
    InvalidQuery = "invalid_query", 422, "The query cannot be used";
    RateLimited = "rate_limited", 429, "Too many requests";
    TooManyKeys = "too_many_keys", 409, "You have as many API keys as there may be";
    TooManyWebhooks = "too_many_webhooks", 409, "You have as many webhooks as there may be";
    QuotaExceeded = "quota_exceeded", 429, "Your library is full";
    Internal = "internal", 500, "Something went wrong on our side";
    Overloaded = "overloaded", 503, "Too busy right now";
    Unavailable = "unavailable", 503, "Temporarily unavailable";
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Body of every error answer, `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// URI reference of the kind of problem: its anchor in the API reference.
    pub r#type: String,
    /// Summary of the kind of problem.
    pub title: String,
    /// HTTP status, repeated for those who only see the body.
    pub status: u16,
    /// What happened this time and what to do, written for the person who reads it.
    pub detail: String,
    /// Stable code for programs.
    pub code: ProblemCode,
    /// Id under which the server's log knows this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The fields at fault, where there are some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            r#type: format!("/api/docs#{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            request_id: None,
            errors: Vec::new(),
        }
    }
}

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the field in the request body, e.g. `/options/scale`.
    pub pointer: String,
    /// What is wrong with it and what is accepted.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_and_display_agree_on_every_code() {
        for code in ProblemCode::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{code}\""));
            assert!((400..600).contains(&code.status()), "{code}");
        }
    }
}
