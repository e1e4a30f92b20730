//! The library: asking for pages, watching them, reading and deleting them.

mod chosen;
mod composer;
mod drop;
mod failure;
mod list;
mod options;
mod outcome;
mod report;
mod row;
mod screen;
mod shelf;
mod shortcuts;
mod viewport;

pub use screen::LibraryScreen;
