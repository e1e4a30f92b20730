//! What the black-box tests share: the real `platen` as a child process, a client that checks the
//! contract of every answer, a site to render, and listeners that must not be reached.
//!
//! Nothing here links the product: what is tested is the binary that people run, over HTTP.

mod canary;
mod client;
mod disk;
mod events;
mod pdf;
mod poll;
mod process;
mod server;
mod site;

pub use canary::Canary;
pub use client::{Answer, Client};
pub use disk::DataDir;
pub use events::{Event, Events};
pub use pdf::Pdf;
pub use poll::{eventually, within};
pub use process::Process;
pub use server::{Server, ServerBuilder};
pub use site::{Site, rust_docs};
