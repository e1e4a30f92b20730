//! The OpenAPI document, from the code.

mod binary;
mod document;
mod examples;
mod links;
mod webhook_examples;

pub(in crate::http) use binary::Binary;
pub use document::document;
pub(super) use document::routes_and_document;
