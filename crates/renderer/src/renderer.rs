use std::{sync::Arc, time::Duration};

use platen_api_types::{FailureCode, PdfOptions, Stage};
use platen_egress::{Egress, EgressPolicy, TargetUrl};
use platen_telemetry::Chain;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    PdfOutcome, PdfStream, RenderError, RendererConfig, RetryReason, StartError, browser,
    deliver::deliver,
    fleet::{Fleet, Tab},
    render::{self, Printed},
};

/// What to render.
#[derive(Clone, Debug)]
pub struct RenderJob {
    pub url: TargetUrl,
    /// Checked by the caller ([`PdfOptions::check`]).
    pub options: PdfOptions,
    /// Told as the job goes from loading to printing, and back when the page leads on to another one.
    pub stage: watch::Sender<Stage>,
}

impl RenderJob {
    /// A job whose stages nobody follows.
    pub fn new(url: TargetUrl, options: PdfOptions) -> Self {
        Self {
            url,
            options,
            stage: watch::Sender::default(),
        }
    }
}

/// A page on its way to being a PDF.
#[derive(Debug)]
pub struct Rendered {
    pub page: PageFacts,
    pub pdf: PdfStream,
    pub outcome: PdfOutcome,
}

/// What is known of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageFacts {
    /// Title of the document; none when it has none.
    pub title: Option<String>,
    /// The address that was printed, after redirects.
    pub final_url: Url,
    /// Status of the answer that brought the document.
    pub http_status: Option<u16>,
    /// Everything arrived before the time-out of the job.
    pub complete: bool,
    /// Requests and tunnels that the egress guard refused.
    pub refused_requests: u64,
}

/// Turns URLs into PDFs. Clones share the browsers.
#[derive(Clone)]
pub struct Renderer {
    shared: Arc<Shared>,
}

struct Shared {
    fleet: Arc<Fleet>,
    policy: EgressPolicy,
    places: Arc<Semaphore>,
    hard_stop: Duration,
}

/// A job that came to no PDF.
enum Setback {
    /// What happened may have had nothing to do with this job. When it happens again, it is this.
    Disturbed(RenderError),
    Final(RenderError),
}

impl From<Setback> for RenderError {
    fn from(setback: Setback) -> Self {
        match setback {
            Setback::Disturbed(error) | Setback::Final(error) => error,
        }
    }
}

/// A page that came to this is not asked whether it lives.
fn is_silent(error: &RenderError) -> bool {
    matches!(
        error,
        RenderError::Fail(failure)
            if matches!(failure.code, FailureCode::Timeout | FailureCode::PageCrashed)
    )
}

impl Renderer {
    /// Removes what earlier processes left behind, and starts a browser. Call it on a Tokio
    /// runtime.
    pub async fn start(config: RendererConfig, egress: Egress) -> Result<Self, StartError> {
        let work_dir = config.work_dir.clone();
        let swept = tokio::task::spawn_blocking(move || browser::sweep(&work_dir))
            .await
            .map_err(|error| StartError::Sweep(std::io::Error::other(error)))?
            .map_err(StartError::Sweep)?;
        if swept > 0 {
            tracing::info!(swept, "removed directories of browsers that were killed");
        }
        let policy = egress.policy().clone();
        let fleet = Fleet::start(config.fleet(), egress).await?;
        Ok(Self {
            shared: Arc::new(Shared {
                fleet,
                policy,
                places: Arc::new(Semaphore::new(config.concurrency.get())),
                hard_stop: config.hard_stop,
            }),
        })
    }

    /// Renders a page. Returns when it is printed; the PDF is then read through
    /// [`Rendered::pdf`], which holds the job's place until it ends or is dropped.
    ///
    /// Waits while as many jobs as the settings allow are running. Dropping the future ends the
    /// job like `cancel` does.
    #[tracing::instrument(name = "renderer.render", skip_all, fields(url = ?job.url))]
    pub async fn render(
        &self,
        job: RenderJob,
        cancel: CancellationToken,
    ) -> Result<Rendered, RenderError> {
        cancel
            .run_until_cancelled(self.render_uncancelled(job))
            .await
            .unwrap_or(Err(RenderError::Cancelled))
    }

    async fn render_uncancelled(&self, job: RenderJob) -> Result<Rendered, RenderError> {
        let place = self
            .shared
            .places
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| RetryReason::ShuttingDown)?;
        let (tab, printed) = match self.print(&job).await {
            // It may have been another page's doing: once more, in another place.
            Err(Setback::Disturbed(error)) => {
                tracing::warn!(error = %Chain(&error), "the browser was lost; starting over");
                match self.print(&job).await {
                    // It did not happen again: something else did, and neither is the page's doing.
                    Err(Setback::Disturbed(_)) if matches!(error, RenderError::Retry(_)) => {
                        return Err(error);
                    }
                    printed => printed?,
                }
            }
            printed => printed?,
        };
        let page = PageFacts {
            title: Some(printed.facts.title.clone()).filter(|title| !title.is_empty()),
            final_url: printed.facts.final_url.clone(),
            http_status: printed.facts.http_status,
            complete: printed.facts.complete,
            refused_requests: tab.proxy_handle().report().refused,
        };
        let (pdf, outcome) = deliver(tab, printed, job.options.metadata, place);
        Ok(Rendered { page, pdf, outcome })
    }

    async fn print(&self, job: &RenderJob) -> Result<(Tab, Printed), Setback> {
        let tab = self.shared.fleet.tab().await;
        let mut tab = tab.map_err(|error| Setback::Final(RetryReason::from(error).into()))?;
        let printed = render::run(
            &mut tab,
            &self.shared.policy,
            &job.url,
            &job.options,
            &job.stage,
            self.shared.hard_stop,
        )
        .await;
        if !tab.browser().is_whole() {
            tab.browser().kill();
            return Err(Setback::Disturbed(RetryReason::BrowserBroken.into()));
        }
        match printed {
            Ok(printed) => Ok((tab, printed)),
            Err(error @ RenderError::Retry(RetryReason::BrowserLost(_))) => {
                Err(Setback::Disturbed(error))
            }
            Err(error) if tab.was_killed_from_outside(is_silent(&error)).await => {
                Err(Setback::Disturbed(error))
            }
            Err(error) => Err(Setback::Final(error)),
        }
    }

    /// Makes sure of a browser that answers, and replaces one that does not. For hosts that are
    /// frozen between jobs: to be called before the first job after such a time.
    pub async fn revive(&self) -> Result<(), RetryReason> {
        Ok(self.shared.fleet.revive().await?)
    }

    /// Returns once nothing goes on behind the jobs that have ended: their pages are thrown away,
    /// the next ones are ready. For hosts that are frozen between jobs: to be called before, or the
    /// browser's answers come after their time-outs.
    pub async fn rest(&self) {
        self.shared.fleet.rest().await;
    }

    /// Takes no more jobs, waits for those that run and for their PDFs to be read, and ends the
    /// browsers. Dropping the last handle ends them too, without waiting.
    pub async fn shutdown(&self) {
        self.shared.places.close();
        self.shared.fleet.shutdown().await;
    }
}
