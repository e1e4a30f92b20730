//! From the record to a PDF in the store.

use std::io;

use futures::{StreamExt, TryStreamExt};
use platen_api_types::{Failure, FailureCode, Stage};
use platen_egress::TargetUrl;
use platen_pipeline::{ByteStream, FileRecord, PdfFacts, StoreError};
use platen_renderer::{RenderError, RenderJob, RetryReason};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::{Converter, Rendering};

/// Why an attempt brought no PDF. The type says what to do about it.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The page is the reason, and would be again.
    Page(Failure),
    /// The page is not known to be the reason.
    Ours(OurTrouble),
    /// The worker has to end.
    Cancelled,
    /// The file is somebody else's by now, or on its way out.
    Superseded,
}

/// What went wrong on our side.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OurTrouble {
    #[error("page could not be rendered")]
    Render(#[source] RetryReason),
    #[error("pdf could not be stored")]
    Store(#[source] StoreError),
    #[error("pdf was stored with {stored} bytes of {rendered}")]
    Incomplete { stored: u64, rendered: u64 },
    #[error("renderer told nothing about the pdf")]
    Unknown,
    #[error("rendering and storing took too long")]
    Stuck,
}

impl From<OurTrouble> for Trouble {
    fn from(trouble: OurTrouble) -> Self {
        Self::Ours(trouble)
    }
}

impl From<RenderError> for Trouble {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Fail(failure) => Self::Page(failure),
            RenderError::Retry(reason) => Self::Ours(OurTrouble::Render(reason)),
            RenderError::Cancelled => Self::Cancelled,
        }
    }
}

impl Converter {
    /// Renders the page of a claimed record into the object of its token, and says in `stage` how far it is.
    pub(crate) async fn produce(
        &self,
        record: &FileRecord,
        stage: watch::Sender<Stage>,
        cancel: CancellationToken,
    ) -> Result<PdfFacts, Trouble> {
        let job = self.job(record, stage.clone()).map_err(Trouble::Page)?;
        let render_and_store = async {
            let rendering = self.renderer.render(job, cancel).await?;
            stage.send_replace(Stage::Saving);
            self.store(record, rendering).await
        };
        tokio::time::timeout(self.clerk.settings.job_limit, render_and_store)
            .await
            .unwrap_or(Err(OurTrouble::Stuck.into()))
    }

    /// Looks at the request once more: the rules may have changed since it was accepted.
    fn job(&self, record: &FileRecord, stage: watch::Sender<Stage>) -> Result<RenderJob, Failure> {
        let url = TargetUrl::parse(&record.url, &self.policy).map_err(|refusal| Failure {
            code: FailureCode::DestinationBlocked,
            detail: refusal.advice().to_owned(),
        })?;
        record.options.check().map_err(|_| Failure {
            code: FailureCode::InternalError,
            detail: "The options of this request are no longer accepted. Ask for the page again."
                .to_owned(),
        })?;
        Ok(RenderJob {
            url,
            options: record.options.clone(),
            stage,
        })
    }

    async fn store(&self, record: &FileRecord, rendering: Rendering) -> Result<PdfFacts, Trouble> {
        let Rendering {
            title,
            final_url,
            pdf,
            facts,
        } = rendering;
        let (body, broken) = keep_error(pdf);
        let put = self.clerk.ports.store.put(&record.pdf_key(), body).await;
        if let Some(error) = broken.into_error() {
            // Whatever the store made of it.
            return Err(error.into());
        }
        let stored = put.map_err(OurTrouble::Store)?;
        let facts = facts.await.ok_or(OurTrouble::Unknown)?;
        if stored.size != facts.size {
            return Err(OurTrouble::Incomplete {
                stored: stored.size,
                rendered: facts.size,
            }
            .into());
        }
        Ok(PdfFacts {
            title,
            final_url,
            pages: facts.pages,
            size: facts.size,
            sha256: facts.sha256,
        })
    }
}

/// The error that ended a stream. A store sees only that there was one.
struct Broken(oneshot::Receiver<RenderError>);

impl Broken {
    fn into_error(mut self) -> Option<RenderError> {
        self.0.try_recv().ok()
    }
}

fn keep_error(
    pdf: impl futures::Stream<Item = Result<bytes::Bytes, RenderError>> + Send + 'static,
) -> (ByteStream, Broken) {
    let (tell, broken) = oneshot::channel();
    let mut tell = Some(tell);
    let body = pdf.map_err(move |error| {
        let shown = io::Error::other(error.to_string());
        if let Some(tell) = tell.take() {
            // Nobody listens when the put was given up.
            let _ = tell.send(error);
        }
        shown
    });
    (body.boxed(), Broken(broken))
}
