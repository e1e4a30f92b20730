//! The pipeline's ports on one machine: SQLite and plain files.
//!
//! [`LocalPipeline::open`] gives all of them over one folder. The README says what survives what.

mod database;
mod index;
mod open;
mod queue;
mod resume;
mod store;

pub use index::LocalIndex;
pub use open::{LocalPipeline, LocalSettings, OpenError};
pub use queue::LocalQueue;
pub use resume::ResumeError;
pub use store::LocalStore;
