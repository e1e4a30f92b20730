//! URL and options in, PDF and facts out.
//!
//! [`Renderer`] keeps one Chromium warm and gives every job a browser context of its own behind an
//! egress proxy of its own. It knows nothing of users, queues or storage.
//!
//! ```no_run
//! # async fn example(egress: platen_egress::Egress) -> Result<(), Box<dyn std::error::Error>> {
//! use futures::TryStreamExt as _;
//! use platen_egress::TargetUrl;
//! use platen_renderer::{RenderJob, Renderer, RendererConfig};
//!
//! let url = TargetUrl::parse("https://example.com/", egress.policy())?;
//! let renderer = Renderer::start(RendererConfig::new("/tmp/platen"), egress).await?;
//! let job = RenderJob::new(url, Default::default());
//! let mut rendered = renderer.render(job, Default::default()).await?;
//! while let Some(chunk) = rendered.pdf.try_next().await? {
//!     // store it
//! }
//! let facts = rendered.outcome.facts().await;
//! renderer.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod browser;
mod cdp;
mod config;
mod deliver;
mod error;
mod fleet;
mod pdf;
mod render;
mod renderer;
mod stream;
mod telemetry;

pub use browser::{BinaryNotFound, LaunchError, UserError};
pub use cdp::CallError;
pub use config::RendererConfig;
pub use deliver::{PdfFacts, PdfOutcome, PdfStream};
pub use error::{RenderError, RetryReason, StartError};
pub use fleet::TabError;
pub use renderer::{PageFacts, RenderJob, Rendered, Renderer};
pub use telemetry::describe_metrics;
