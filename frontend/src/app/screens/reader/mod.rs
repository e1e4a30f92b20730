//! The reader: one file, with what is known of it.

mod actions;
mod details;
mod screen;
mod sheet;
mod states;

pub use screen::ReaderScreen;
