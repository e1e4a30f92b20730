//! Domain errors become problem documents here, and nowhere else.

use std::{error::Error, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use platen_api_types::{FieldError, OptionsError, Problem, ProblemCode};
use platen_egress::UrlRefusal;
use platen_pipeline::{IndexError, QueueError, StoreError};
use platen_telemetry::Chain;

use super::rates::Standing;
use crate::{
    accounts::{
        self, AuthError, ChangePasswordError, HashError, NewKeyError, SignInError, SignUpError,
        WeakPassword,
    },
    webhooks::NewWebhookError,
};

/// Seconds after which something that is down or busy is worth another try.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// An error answer.
#[derive(Debug)]
pub struct ApiError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    problem: Problem,
    headers: HeaderMap,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            problem: Problem::new(code, detail),
            headers: HeaderMap::new(),
            source: None,
        }))
    }

    /// Names the field at fault; its detail is that of the problem.
    pub fn at(self, pointer: impl Into<String>) -> Self {
        let detail = self.0.problem.detail.clone();
        let pointer = pointer.into();
        self.with_errors(vec![FieldError { pointer, detail }])
    }

    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.problem.errors = errors;
        self
    }

    pub fn with_code(mut self, code: ProblemCode) -> Self {
        let problem = Problem::new(code, std::mem::take(&mut self.0.problem.detail));
        let errors = std::mem::take(&mut self.0.problem.errors);
        self.0.problem = Problem { errors, ..problem };
        self
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.append(name, value);
        self
    }

    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.0.headers.extend(headers);
        self
    }

    /// Seconds are rounded up: who comes back then must not be early.
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with_header(header::RETRY_AFTER, seconds.into())
    }

    pub fn code(&self) -> ProblemCode {
        self.0.problem.code
    }

    pub fn is_unauthorized(&self) -> bool {
        self.0.problem.status == StatusCode::UNAUTHORIZED.as_u16()
    }

    pub fn errors(&self) -> &[FieldError] {
        &self.0.problem.errors
    }

    /// A defect of ours. The log has the cause, the answer has not.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(
            ProblemCode::Internal,
            "Something went wrong on our side. Try again; if it stays, tell the operator the \
             request_id.",
        )
        .caused_by(source)
    }

    /// Something we depend on is down. Never taken for a missing right or a missing file.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(
            ProblemCode::Unavailable,
            "A part of Platen cannot be reached right now. Try again in a moment.",
        )
        .caused_by(source)
        .retry_after(TRY_AGAIN)
    }

    pub fn overloaded() -> Self {
        Self::new(
            ProblemCode::Overloaded,
            "Too many people are here at once. Try again in a moment.",
        )
        .retry_after(TRY_AGAIN)
    }

    /// Says how long to wait, for people's programs and for libraries that know the headers.
    pub fn rate_limited(detail: impl Into<String>, standing: Standing) -> Self {
        let mut headers = HeaderMap::new();
        standing.write(&mut headers);
        Self::new(ProblemCode::RateLimited, detail)
            .retry_after(standing.reset())
            .with_headers(headers)
    }

    fn too_many_guesses(wait: Duration) -> Self {
        // One try, and each that fails makes the next wait longer.
        let window = wait.max(Duration::from_secs(1));
        Self::rate_limited(
            "There were too many failed attempts for this user name. Wait a little, then try again.",
            Standing::spent("failed-sign-in", 1, Some(window), wait),
        )
    }

    pub fn not_found(detail: &str) -> Self {
        Self::new(ProblemCode::NotFound, detail)
    }

    /// There is no such file, or it is another user's: nobody can tell the two apart.
    pub fn no_such_file() -> Self {
        Self::not_found("There is no such file in your library.")
    }

    /// There is no such key, or it is another user's.
    pub fn no_such_key() -> Self {
        Self::not_found("You have no such API key.")
    }

    /// There is no such webhook, or it is another user's.
    pub fn no_such_webhook() -> Self {
        Self::not_found("You have no such webhook.")
    }

    /// The problem alone, for an answer that holds several. What is not for the client is logged.
    pub fn into_problem(self) -> Problem {
        self.log();
        self.0.problem
    }

    fn log(&self) {
        if let Some(source) = &self.0.source {
            let code = self.0.problem.code;
            tracing::error!(problem.code = %code, error = %Chain(&**source), "request failed");
        }
    }

    fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let Inner {
            problem,
            mut headers,
            ..
        } = *self.0;
        let status =
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status == StatusCode::UNAUTHORIZED {
            // Not `Basic`, which some browsers answer with a dialogue of their own.
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"platen\""),
            );
        }
        let mut response = (status, headers).into_response();
        // The body is written by `layers::problems`, which knows the id of the request.
        response.extensions_mut().insert(problem);
        response
    }
}

impl From<IndexError> for ApiError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Unavailable(_) => Self::unavailable(error),
            IndexError::Failed(_) => Self::internal(error),
        }
    }
}

impl From<QueueError> for ApiError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Unavailable(_) => Self::unavailable(error),
            QueueError::Failed(_) => Self::internal(error),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::unavailable(error),
            _ => Self::internal(error),
        }
    }
}

impl From<accounts::StoreError> for ApiError {
    fn from(error: accounts::StoreError) -> Self {
        match error {
            accounts::StoreError::Database(_) => Self::unavailable(error),
            accounts::StoreError::Corrupt(_) => Self::internal(error),
        }
    }
}

impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded => Self::overloaded(),
            error => Self::internal(error),
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Invalid => Self::new(
                ProblemCode::Unauthenticated,
                "The token is not one of ours. Sign in to get one.",
            ),
            AuthError::Ended => Self::new(
                ProblemCode::SessionExpired,
                "The session has ended. Sign in again.",
            ),
            AuthError::Superseded => Self::new(
                ProblemCode::SessionSuperseded,
                "You signed in somewhere else, which ended this session. Sign in again to go on here.",
            ),
            AuthError::KeyExpired => Self::new(
                ProblemCode::Unauthenticated,
                "The API key has expired. Make another one.",
            ),
            AuthError::Store(error) => error.into(),
        }
    }
}

impl From<WeakPassword> for ApiError {
    fn from(weakness: WeakPassword) -> Self {
        Self::new(
            ProblemCode::WeakPassword,
            match weakness {
                WeakPassword::TooShort => {
                    "Use at least 8 characters. A few words are easy to remember."
                }
                WeakPassword::TooLong => "Use at most 1024 bytes.",
                WeakPassword::Common => {
                    "This is one of the passwords that everyone tries first. Choose another one."
                }
                WeakPassword::Username => "The password is the user name. Choose another one.",
            },
        )
    }
}

impl From<SignUpError> for ApiError {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::NameTaken => Self::new(
                ProblemCode::UsernameTaken,
                "Someone has this user name already. Choose another one.",
            )
            .at("/username"),
            SignUpError::WeakPassword(weakness) => Self::from(weakness).at("/password"),
            SignUpError::Hash(error) => error.into(),
            SignUpError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Mismatch => Self::new(
                ProblemCode::InvalidCredentials,
                "The user name and the password do not match. Check both, or sign up.",
            ),
            SignInError::Wait(wait) => Self::too_many_guesses(wait),
            SignInError::Hash(error) => error.into(),
            SignInError::Store(error) => error.into(),
            SignInError::Sign(error) => Self::internal(error),
        }
    }
}

impl From<ChangePasswordError> for ApiError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Mismatch => Self::new(
                ProblemCode::InvalidCredentials,
                "The current password is another one. Check it and try again.",
            )
            .at("/current_password"),
            ChangePasswordError::Wait(wait) => Self::too_many_guesses(wait),
            ChangePasswordError::WeakPassword(weakness) => Self::from(weakness).at("/new_password"),
            ChangePasswordError::Hash(error) => error.into(),
            ChangePasswordError::Store(error) => error.into(),
        }
    }
}

impl From<NewKeyError> for ApiError {
    fn from(error: NewKeyError) -> Self {
        let invalid = |detail: &str| Self::new(ProblemCode::InvalidBody, detail);
        match error {
            NewKeyError::Name => {
                invalid("Give the key a name of 1 to 100 printable characters.").at("/name")
            }
            NewKeyError::NoScope => invalid("Name at least one scope.").at("/scopes"),
            NewKeyError::Expired => invalid("Name a time that is still to come.").at("/expires_at"),
            NewKeyError::TooMany => Self::new(
                ProblemCode::TooManyKeys,
                "Delete an API key that you do not need any more, then make this one.",
            ),
            NewKeyError::NoSuchUser => AuthError::Invalid.into(),
            NewKeyError::Store(error) => error.into(),
        }
    }
}

impl From<NewWebhookError> for ApiError {
    fn from(error: NewWebhookError) -> Self {
        match error {
            NewWebhookError::Url(UrlRefusal::Invalid(problem)) => Self::new(
                ProblemCode::InvalidUrl,
                format!("Give the receiver's address as in https://example.com/hooks: {problem}."),
            )
            .at("/url"),
            NewWebhookError::Url(UrlRefusal::Blocked(reason)) => Self::new(
                ProblemCode::DestinationBlocked,
                format!(
                    "The receiver cannot be called: {reason}. Use one on the public internet, on \
                     port 80 or 443, or ask the operator to allow this one."
                ),
            )
            .at("/url"),
            NewWebhookError::NoEvent => {
                Self::new(ProblemCode::InvalidBody, "Name at least one event.").at("/events")
            }
            NewWebhookError::TooMany => Self::new(
                ProblemCode::TooManyWebhooks,
                "Delete a webhook that you do not need any more, then make this one.",
            ),
            NewWebhookError::NoSuchUser => AuthError::Invalid.into(),
            NewWebhookError::Seal(error) => Self::internal(error),
            NewWebhookError::Index(error) => error.into(),
            NewWebhookError::Store(error) => error.into(),
        }
    }
}

impl From<UrlRefusal> for ApiError {
    fn from(refusal: UrlRefusal) -> Self {
        let code = match refusal {
            UrlRefusal::Invalid(_) => ProblemCode::InvalidUrl,
            UrlRefusal::Blocked(_) => ProblemCode::DestinationBlocked,
        };
        Self::new(code, refusal.advice()).at("/url")
    }
}

impl From<OptionsError> for ApiError {
    fn from(error: OptionsError) -> Self {
        let errors = error
            .errors
            .into_iter()
            .map(|field| FieldError {
                pointer: format!("/options{}", field.pointer),
                detail: field.detail,
            })
            .collect();
        Self::new(
            ProblemCode::InvalidOptions,
            "Some options cannot be used; errors says which and why.",
        )
        .with_errors(errors)
    }
}
