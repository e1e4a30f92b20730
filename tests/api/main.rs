//! The running product over HTTP, against `docs/API-DESIGN.md` and the contract in OpenAPI.
//!
//! Every test starts a server of its own, on free loopback ports and an empty folder.

mod accounts;
mod command_line;
mod contract;
mod documents;
mod events;
mod failures;
mod files;
mod headers;
mod original;
mod ownership;
mod refused;
mod requests;
mod saving;
mod service;
mod shell;
mod shutdown;
mod sign_in_storm;
mod thumbnails;
mod webhooks;
