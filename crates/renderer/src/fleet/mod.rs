//! Browsers kept ready: one warm, a fresh context per job, replaced before they wear out.

mod browser;
mod pool;
mod tab;

pub(crate) use browser::MemoryLimits;
pub(crate) use pool::{Fleet, FleetOptions};
pub(crate) use tab::Tab;
pub use tab::TabError;
