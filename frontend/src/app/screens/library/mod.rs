//! The library: asking for pages, watching them, reading and deleting them.

mod composer;
mod list;
mod options;
mod row;
mod screen;
mod shelf;
mod shortcuts;

pub use screen::LibraryScreen;
