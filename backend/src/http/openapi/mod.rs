//! The OpenAPI document, from the code.

mod document;
mod examples;
mod links;
mod webhook_examples;

pub use document::document;
pub(super) use document::routes_and_document;
