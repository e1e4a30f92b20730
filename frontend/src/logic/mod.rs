//! Everything that can be decided without a browser.

mod addresses;
mod backoff;
mod failure;
mod library;
mod query;
mod route;
mod wording;

pub use addresses::addresses;
pub use backoff::backoff;
pub use failure::{CallError, SignedOut};
pub use library::{Library, Row, Settled};
pub use query::Query;
pub use route::Parameters;
pub use wording::{ago, pages, sentence, short_address, size, title, web_link};
