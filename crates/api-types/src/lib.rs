//! The words that the server, its clients and the web app share.
//!
//! Everything that crosses the HTTP boundary of `/api/v1` is defined here once: ids, request and
//! response bodies, PDF options, problem codes and limits. The crate does no I/O and builds for
//! `wasm32-unknown-unknown`, so the web app speaks with the very types the server serialises.

mod account;
mod file;
mod id;
mod key;
mod length;
pub mod limits;
mod margin;
mod object;
mod options;
mod order;
mod paper;
mod problem;
mod secret;
mod stage;
mod time;
mod webhook;
mod whole;
mod word;

pub use account::{Account, Credentials, PasswordChange, Session, SignUp, Username, UsernameError};
pub use file::{
    Failure, FailureCode, File, FileEvent, FileList, FileStatus, NewRequest, NewRequests,
    RequestResult, RequestResults, UnknownStatus,
};
pub use id::{DeliveryId, FileId, KeyId, SessionId, UserId, WebhookId};
pub use key::{CreatedKey, Key, KeyList, NewKey, Scope};
pub use length::{Length, LengthError, Unit};
pub use margin::Margin;
pub use object::Object;
pub use options::{ColorScheme, Cookie, Media, Metadata, OptionsError, PdfOptions, Viewport, Wait};
pub use order::Order;
pub use paper::{Paper, PaperName};
pub use problem::{FieldError, Problem, ProblemCode};
pub use secret::Secret;
pub use stage::Stage;
pub use webhook::{
    CreatedWebhook, Delivery, DeliveryError, DeliveryList, DeliveryStatus, Disabled,
    DisabledReason, NewWebhook, Webhook, WebhookEvent, WebhookList, WebhookPayload,
};
pub use word::UnknownWord;
