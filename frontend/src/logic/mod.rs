//! Everything that can be decided without a browser.

mod addresses;
mod allowance;
mod backoff;
mod failure;
mod library;
mod options;
mod outcome;
mod query;
mod route;
mod selection;
mod shared;
mod way;
mod window;
mod wording;

pub use addresses::addresses;
pub use allowance::{in_days, permille};
pub use backoff::backoff;
pub use failure::{CallError, SignedOut};
pub use library::{Library, Row, Settled};
pub use options::{Blocked, Entry, Kind, Preset, Wrong};
pub use outcome::{Line, Outcome, Plan, Tally};
pub use query::Query;
pub use route::Parameters;
pub use selection::Selection;
pub use shared::shared;
pub use way::{Way, way_back, way_out};
pub use window::{BLOCK, Heights, Span};
pub use wording::{ago, host, pages, sentence, short_address, size, title, until, web_link};
