//! One module per screen.

mod account;
mod home;
mod library;
mod not_found;
mod reader;
mod save;
mod settings;
mod sign_in;
mod sign_up;
mod welcome;

pub use account::{AccountScreen, KeysScreen, WebhooksScreen};
pub use home::Home;
pub use not_found::NotFound;
pub use reader::ReaderScreen;
pub use save::Save;
pub use settings::Settings;
pub use sign_in::SignIn;
pub use sign_up::SignUp;
