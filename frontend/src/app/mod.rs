//! What runs in the browser.

mod api;
mod device;
mod parts;
mod preferences;
mod root;
mod router;
mod screens;
mod stores;
mod words;

pub use root::start;
