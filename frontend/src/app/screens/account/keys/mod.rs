//! API keys: those there are, and making one.

mod list;
mod new_key;
mod screen;

pub use screen::KeysScreen;
