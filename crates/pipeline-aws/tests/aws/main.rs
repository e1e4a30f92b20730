//! The adapters against emulators: the suites every adapter passes, and what is AWS's own.
//!
//! Each peer is started once for all tests of a process; every test has a table, queues or a
//! bucket of its own. `scripts/peers/install` installs the peers.

#![expect(
    clippy::unwrap_used,
    reason = "what does not work fails its test by panicking"
)]

mod errors;
mod index;
mod index_at_scale;
mod queue;
mod several;
mod store;
mod support;
mod uploads;
