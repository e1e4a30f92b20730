//! The composition root: turns the configuration into running parts. Only here concrete adapters
//! are named.

mod app;
mod conversion;
mod folders;
mod key_file;
mod pipeline;

pub use app::{app, database};
pub use conversion::{Conversion, start_renderer};
pub use pipeline::Pipeline;
