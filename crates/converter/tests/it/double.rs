//! A renderer that does what the address says.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream};
use platen_api_types::{FailureCode, Stage};
use platen_converter::{Render, Rendering};
use platen_renderer::{PdfFacts, RenderError, RenderJob, RetryReason};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::gate::{Gate, Verdict};

/// What a page does when it is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Becomes a PDF, never twice the same.
    Good,
    /// Fails for a reason of its own.
    Missing,
    /// Turns out too large when half of it is stored.
    TooLarge,
    /// Breaks the browser, every time.
    Deadly,
    /// Waits until the test lets it go on.
    Slow,
    /// Does so in every stage: while it is loaded, while it is printed, while its PDF is read.
    Halting,
}

impl Page {
    pub(crate) fn url(self) -> &'static str {
        match self {
            Self::Good => "https://example.com/good",
            Self::Missing => "https://example.com/missing",
            Self::TooLarge => "https://example.com/too-large",
            Self::Deadly => "https://example.com/deadly",
            Self::Slow => "https://example.com/slow",
            Self::Halting => "https://example.com/halting",
        }
    }
}

/// Counts and holds up renderings.
pub(crate) struct Pages {
    pub(crate) begun: AtomicU32,
    pub(crate) running: Arc<AtomicU32>,
    pub(crate) most_at_once: AtomicU32,
    /// Permits for slow pages.
    pub(crate) slow: Semaphore,
}

impl Pages {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: AtomicU32::new(0),
            running: Arc::default(),
            most_at_once: AtomicU32::new(0),
            slow: Semaphore::new(0),
        })
    }
}

impl Pages {
    /// Waits for a permit, and takes it.
    async fn go_on(&self) -> Result<(), RenderError> {
        match self.slow.acquire().await {
            Ok(permit) => permit.forget(),
            Err(_) => return Err(RenderError::Cancelled),
        }
        Ok(())
    }
}

/// The pages as one converter sees them, through its gate.
pub(crate) struct Double {
    pub(crate) pages: Arc<Pages>,
    pub(crate) gate: Arc<dyn Gate>,
}

struct Running(Arc<AtomicU32>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Render for Double {
    async fn render(&self, job: RenderJob, _: CancellationToken) -> Result<Rendering, RenderError> {
        let number = self.pages.begun.fetch_add(1, Ordering::SeqCst);
        let now = self.pages.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.pages.most_at_once.fetch_max(now, Ordering::SeqCst);
        let running = Running(self.pages.running.clone());

        if self.gate.before("render").await != Verdict::Go {
            return Err(RetryReason::ShuttingDown.into());
        }
        let url = job.url.as_str();
        if url == Page::Missing.url() {
            return Err(RenderError::Fail(FailureCode::HttpStatus.into()));
        }
        if url == Page::Deadly.url() {
            return Err(RetryReason::ShuttingDown.into());
        }
        let halting = url == Page::Halting.url();
        if halting || url == Page::Slow.url() {
            self.pages.go_on().await?;
        }
        job.stage.send_replace(Stage::Printing);
        if halting {
            self.pages.go_on().await?;
        }
        let content = Bytes::from(format!("rendering {number} of {url}\n").repeat(2000));
        let facts = PdfFacts {
            pages: 3,
            size: content.len() as u64,
            sha256: Sha256::digest(&content).into(),
        };
        let mut pieces: Vec<Result<Bytes, RenderError>> = Vec::new();
        let half = content.len() / 2;
        pieces.push(Ok(content.slice(..half)));
        if url == Page::TooLarge.url() {
            pieces.push(Err(RenderError::Fail(FailureCode::OutputTooLarge.into())));
        } else {
            pieces.push(Ok(content.slice(half..)));
        }
        let complete = pieces.iter().all(Result::is_ok);
        let pages = self.pages.clone();
        let pieces = stream::iter(pieces).then(move |piece| {
            let pages = pages.clone();
            async move {
                if halting {
                    pages.go_on().await?;
                }
                piece
            }
        });
        let pdf = pieces.inspect(move |_| {
            // The page runs as long as its PDF is read.
            let _ = &running;
        });
        Ok(Rendering {
            title: Some(format!("Rendering {number}")),
            final_url: url.to_owned(),
            pdf: pdf.boxed(),
            facts: Box::pin(async move { complete.then_some(facts) }),
        })
    }
}
