//! What the converter asks of a renderer.

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, future::BoxFuture, stream::BoxStream};
use platen_renderer::{PdfFacts, RenderError, RenderJob, Renderer};
use tokio_util::sync::CancellationToken;

/// A page that is printed, and its PDF on the way.
pub struct Rendering {
    /// Title of the page.
    pub title: Option<String>,
    /// The address that was printed, after redirects.
    pub final_url: String,
    /// An error is the last item.
    pub pdf: BoxStream<'static, Result<Bytes, RenderError>>,
    /// Known once `pdf` was read to its end; `None` when it broke off.
    pub facts: BoxFuture<'static, Option<PdfFacts>>,
}

/// Turns a page into a PDF.
#[async_trait]
pub trait Render: Send + Sync {
    /// Dropping the future, or what it returned, ends the job like `cancel` does.
    async fn render(
        &self,
        job: RenderJob,
        cancel: CancellationToken,
    ) -> Result<Rendering, RenderError>;
}

#[async_trait]
impl Render for Renderer {
    async fn render(
        &self,
        job: RenderJob,
        cancel: CancellationToken,
    ) -> Result<Rendering, RenderError> {
        let rendered = Self::render(self, job, cancel).await?;
        Ok(Rendering {
            title: rendered.page.title,
            final_url: rendered.page.final_url.into(),
            pdf: rendered.pdf.boxed(),
            facts: Box::pin(rendered.outcome.facts()),
        })
    }
}
