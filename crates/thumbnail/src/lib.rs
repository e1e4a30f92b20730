//! The first page of a PDF as a small picture.
//!
//! [`Thumbnails`] is what a server holds: it remembers pictures and draws no more of them at a time
//! than the machine can bear, in turns that are fair to users. A PDF is a stranger's, so what draws
//! it is a process that may do nothing else: [`Isolated`] starts it, [`draw_and_exit`] is what runs
//! there. The README says what that process may not do.

mod child;
mod draw;
mod limits;
mod process;
mod telemetry;
mod thumbnails;
mod turns;
mod undrawable;
mod width;

pub use child::{COMMAND, draw_and_exit};
pub use draw::draw;
pub use process::{Artist, ArtistError, Drawing, Isolated};
pub use telemetry::describe_metrics;
pub use thumbnails::{ThumbnailError, Thumbnails};
pub use turns::Busy;
pub use undrawable::Undrawable;
pub use width::Width;
