//! The web app: the built front end inside the binary.

mod assets;
mod encoding;
mod serve;

pub use assets::is_embedded;
pub(super) use serve::serve;
