//! The public HTTP interface: the API under `/api`, the web app everywhere else.
//!
//! One endpoint per file in [`endpoints`], with its tests. Domain errors become problem documents
//! in [`error`], and nowhere else. What every request goes through is in [`layers`], in the order
//! that [`router`] gives.

mod app;
mod cookie;
mod cursor;
mod disposition;
mod endpoints;
mod error;
mod extract;
mod layers;
mod openapi;
mod original;
mod range;
mod rates;
mod reader;
mod router;
mod site;
mod submission;
#[cfg(test)]
pub(crate) mod testing;

pub use app::{App, Limits};
pub use layers::Peer;
pub use openapi::document;
pub use rates::Rates;
pub use router::router;
pub use site::is_embedded as site_is_embedded;
