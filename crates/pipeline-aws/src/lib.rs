//! The ports of `platen-pipeline` on AWS.
//!
//! [`Aws`] reads the configuration once and makes the adapters:
//!
//! - [`DynamoIndex`]: the index of files, one item each, every write conditional;
//! - [`SqsQueue`]: the work queue, and its dead-letter queue;
//! - [`S3Store`]: the PDFs, streamed both ways.
//!
//! All three pass the contract suites of `platen-pipeline` against several emulators.

mod config;
mod error;
mod index;
mod queue;
mod store;

pub use config::{Aws, ConfigError, Overrides, StaticCredentials};
pub use index::{DynamoIndex, create_table};
pub use queue::{Queues, SqsQueue, create_queues};
pub use store::{S3Store, create_bucket};
