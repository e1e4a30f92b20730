//! The converter as a Lambda function for SQS events, and as a worker that polls the queue itself.
//!
//! [`run`] is the whole program; the binary only calls it. [`Function`] takes one event to its
//! answer, whatever time there is; [`MappedQueue`] is the queue as a function sees it, of which
//! Lambda itself receives and acknowledges. The README says what has to be set up around it.

mod batch;
mod config;
mod function;
mod lambda;
mod mapped_queue;
mod mode;
mod parts;
mod poll;
mod program;

pub use batch::BatchError;
pub use config::{Config, ConfigErrors, Mistake};
pub use function::{Function, FunctionError, FunctionSettings};
pub use mapped_queue::MappedQueue;
pub use parts::Parts;
pub use program::run;
