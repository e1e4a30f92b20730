//! What every request goes through, outermost first: see [`crate::http::router`].

mod client;
mod drain;
mod observe;
mod panics;
mod problems;
mod security_headers;
mod timeout;
mod trace;

pub use client::Peer;
pub(crate) use client::{Client, identify};
pub(crate) use drain::drain;
pub(crate) use observe::{RequestUser, observe};
pub(crate) use panics::catch;
pub(crate) use problems::render;
pub(crate) use security_headers::secure;
pub(crate) use timeout::limit;
pub(crate) use trace::TraceParent;
