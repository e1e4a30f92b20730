//! Logs and metrics, set up the same way in every binary.
//!
//! [`logs::install`] sends `tracing` events to standard error, in lines for people on a terminal
//! and as JSON for machines; [`Metrics`] collects what the `metrics` macros record and renders it
//! for Prometheus, [`EmbeddedMetrics`] writes it for `CloudWatch`; [`MaskedUrl`] is how addresses get
//! into either, [`Chain`] how errors do.

mod chain;
mod emf;
pub mod logs;
mod masked_url;
mod metrics;

pub use chain::Chain;
pub use emf::EmbeddedMetrics;
pub use logs::{LogError, LogFormat, LogSettings};
pub use masked_url::MaskedUrl;
pub use metrics::{Metrics, MetricsError};
