//! What runs in the browser.

mod api;
mod device;
mod parts;
mod root;
mod router;
mod screens;
mod stores;
mod words;

pub use root::start;
