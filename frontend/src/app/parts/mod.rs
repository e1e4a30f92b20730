//! Pieces that several screens are made of.

mod choice;
mod credentials;
mod field;
mod form;
mod later;
mod live_region;
mod masthead;
mod notice;
mod offline;
mod option_words;
mod question;
mod secret;
mod shortcut_sheet;
mod toast_list;

pub use choice::{choice, choices};
pub use credentials::{CredentialsForm, password_length};
pub use field::{Field, Kind};
pub use form::{Form, check};
pub use later::{Loading, View, later, later_screen};
pub use live_region::LiveRegion;
pub use masthead::Masthead;
pub use notice::Notice;
pub use offline::Offline;
pub use option_words::{choice_text, in_words, label};
pub use question::{Question, asking};
pub use secret::{Secret, shown_once};
pub use shortcut_sheet::{ShortcutSheet, open_shortcut_sheet};
pub use toast_list::ToastList;
