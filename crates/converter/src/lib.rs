//! One queue message to its end: claim, render, store, record, acknowledge.
//!
//! [`Converter::handle`] does it for one [`Delivery`](platen_pipeline::Delivery). [`Worker`] keeps
//! doing it for a whole queue, [`Undertaker`] ends what was delivered too often, and [`Sweeper`]
//! repairs what crashes leave behind; these two render nothing. The README says what happens to a
//! file in every case.

mod backoff;
mod clerk;
mod convert;
mod converter;
mod dead_letters;
mod delete;
mod heartbeat;
mod orphan;
mod produce;
mod progress;
mod render;
mod settings;
mod shutdown;
mod sweeper;
mod telemetry;
mod worker;

pub use converter::{Converter, Handled, Ports};
pub use dead_letters::Undertaker;
pub use render::{Render, Rendering};
pub use settings::{ConverterSettings, SweeperSettings, WorkerSettings};
pub use shutdown::Shutdown;
pub use sweeper::{SweepError, Sweeper};
pub use telemetry::describe_metrics;
pub use worker::Worker;
