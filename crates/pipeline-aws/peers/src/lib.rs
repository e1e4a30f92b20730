//! Emulators of AWS services, and databases, started for the time of a test.
//!
//! Each is a process of its own on a free loopback port, gone when its [`Peer`] is dropped or the
//! process that started it ends, however it ends. `scripts/setup.sh test` installs them; where one
//! is missing, starting it fails and says so.

mod guard;
mod kind;
mod peer;

pub use guard::command as guarded;
pub use kind::Kind;
pub use peer::{ACCESS_KEY, Peer, PeerError, REGION, SECRET_KEY};
