//! What handlers take from a request. Every refusal is a problem document.

mod authenticated;
mod credentials;
mod idempotency_key;
mod json;
mod path;
mod query;

pub(crate) use authenticated::{Notifier, Reader, SignedIn, Writer};
pub(crate) use credentials::SignInCredentials;
pub(crate) use idempotency_key::IdempotencyKey;
pub(crate) use json::Json;
pub(crate) use path::{FilePath, KeyPath, WebhookPath};
pub(crate) use query::Query;
