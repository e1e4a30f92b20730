//! The OpenAPI document, from the code.

mod document;
mod examples;

pub use document::document;
pub(super) use document::routes_and_document;
