//! The Chrome DevTools Protocol over a pair of pipes.
//!
//! Commands are the typed ones of `headless_chrome::protocol::cdp`; the transport is ours, because
//! that crate's own one costs up to 100 ms per call (`docs/adr/0001`). Frames are JSON texts that
//! end with a NUL byte (Chromium's `--remote-debugging-pipe`). One task reads, one writes; a call
//! waits on a channel of its own, so nothing here polls.
//!
//! Events are read through the small structs of [`event`], which name only the fields in use: the
//! generated ones are closed enums, so one new value in a newer Chromium would lose the event.

mod connection;
mod end;
mod error;
pub(crate) mod event;
mod frame;
mod message;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use connection::{Connection, Events};
pub(crate) use end::SessionEnd;
pub use error::CallError;
pub(crate) use message::Event;
pub(crate) use session::{Reply, Session, SessionId, read};
