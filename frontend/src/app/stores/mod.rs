//! State, one store per concern. A store is a `Copy` handle on signals, found in the context.

mod account;
mod account_keys;
mod account_webhooks;
mod answer;
mod deletions;
mod files;
mod live;
mod news;
mod online;
mod options;
mod place;
mod reading;
mod requests;
mod selected;
mod session;
mod shared;
mod shortcuts;
mod toasts;

pub use account::{InProgress, Usage};
pub use account_keys::Keys;
pub use account_webhooks::Webhooks;
pub use answer::Answer;
pub use deletions::Deletions;
pub use files::{Files, Loading};
pub use live::{Link, Live};
pub use online::Online;
pub use options::Options;
pub use place::Place;
pub use reading::{Page, Reading};
pub use selected::Selected;
pub use session::{Session, SessionState};
pub use shared::Shared;
pub use shortcuts::{Shortcut, Shortcuts};
pub use toasts::{Toast, Toasts};
