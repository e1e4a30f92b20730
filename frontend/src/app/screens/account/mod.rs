//! The account: who one is, and what works in one's name.

mod deletion;
mod keys;
mod overview;
mod page;
mod password;
mod time;
mod webhooks;

pub use keys::KeysScreen;
pub use overview::AccountScreen;
pub use webhooks::WebhooksScreen;
