//! The Platen service: API, accounts, and everything on one machine when run standalone.
//!
//! [`run`] is the whole program; the binary only calls it. [`commands`] has one file per subcommand,
//! [`compose`] is the only place that names concrete adapters, [`http`] is the public interface and
//! [`ops`] the operators'. Nothing but these two knows HTTP.

pub mod accounts;
pub mod commands;
pub mod compose;
pub mod config;
pub mod erasure;
pub mod http;
pub mod ids;
pub mod ops;
mod removal;
mod request;
pub mod server;
pub mod webhooks;

pub use commands::run;
