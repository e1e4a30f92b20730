//! Webhooks: those there are, what each was told, and making one.

mod delivery;
mod list;
mod log;
mod new_webhook;
mod screen;

pub use screen::WebhooksScreen;
