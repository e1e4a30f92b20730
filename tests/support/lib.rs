//! What the black-box tests share: the real `platen` as a child process, a client that checks the
//! contract of every answer, a site to render, and listeners that must not be reached.
//!
//! What is tested is the programs that people run, over HTTP. Of the product only the adapters to AWS
//! are linked, to make table, queues and bucket as they do.

mod canary;
mod client;
mod clock;
mod cloud;
mod disk;
mod events;
pub mod foreign_pdf;
mod log;
mod offline;
mod pdf;
mod poll;
mod process;
mod program;
mod receiver;
mod server;
mod site;
mod worker;

pub use canary::Canary;
pub use client::{Answer, Client, PASSWORD};
pub use clock::clock_off_by;
pub use cloud::{Cloud, Code, FaultProxy, Function, Held, Moment, NewFunction, Sabotage, Weather};
pub use disk::{DataDir, pdfs};
pub use events::{Event, Events};
pub use offline::offline;
pub use pdf::Pdf;
pub use poll::{eventually, within};
pub use process::Process;
pub use program::platen_command;
pub use receiver::{Call, Receiver};
pub use server::{Server, ServerBuilder};
pub use site::{Site, rust_docs};
pub use worker::Worker;
