//! One module per screen.

mod account;
mod entry;
mod home;
mod library;
mod not_found;
mod reader;
mod save;
mod settings;

pub use account::{account, keys, webhooks};
pub use entry::{sign_in, sign_up};
pub use home::Home;
pub use not_found::NotFound;
pub use reader::reader;
pub use save::Save;
pub use settings::settings;
