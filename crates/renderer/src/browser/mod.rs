//! One Chromium: found, started in a fresh profile behind its sandbox, and ended whole.

mod binary;
mod flags;
mod group;
mod launch;
mod memory;
mod process;
mod profile;
mod user;
mod vitals;

pub use binary::BinaryNotFound;
pub use launch::LaunchError;
pub(crate) use launch::{LaunchOptions, Launched, launch};
pub(crate) use memory::{group_memory, kill_largest_renderer};
pub(crate) use process::BrowserProcess;
pub(crate) use profile::sweep;
pub use user::UserError;
pub(crate) use vitals::Vitals;
