//! The composition root: turns the configuration into running parts. Only here concrete adapters
//! are named.

mod app;
mod conversion;
mod folders;
mod key_file;

pub use app::{app, database, pipeline};
pub use conversion::Conversion;
