//! Pieces that several screens are made of.

mod credentials;
mod field;
mod live_region;
mod masthead;
mod notice;
mod option_words;
mod toast_list;

pub use credentials::CredentialsForm;
pub use live_region::LiveRegion;
pub use masthead::Masthead;
pub use notice::Notice;
pub use option_words::{choice, in_words, label};
pub use toast_list::ToastList;
