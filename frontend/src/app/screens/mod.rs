//! One module per screen.

mod home;
mod library;
mod not_found;
mod sign_in;
mod sign_up;
mod welcome;

pub use home::Home;
pub use not_found::NotFound;
pub use sign_in::SignIn;
pub use sign_up::SignUp;
