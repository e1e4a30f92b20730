use std::{num::NonZeroUsize, path::Path, sync::Arc, time::Instant};

use anyhow::Context as _;
use futures::TryStreamExt as _;
use platen_api_types::PdfOptions;
use platen_egress::{Egress, SystemResolver, TargetUrl};
use platen_renderer::{RenderJob, Renderer, RendererConfig};
use tokio_util::sync::CancellationToken;

use super::rounds::{Job, Round};

/// This project's renderer as the product runs it.
pub(crate) struct Ours {
    renderer: Renderer,
    egress: Egress,
}

impl Ours {
    pub(crate) async fn start(
        chromium: &Path,
        port: u16,
        concurrency: usize,
    ) -> anyhow::Result<Self> {
        let egress = Egress::new(
            format!("127.0.0.1:{port}").parse()?,
            Arc::new(SystemResolver::from_system()?),
        );
        let config = RendererConfig {
            browser: Some(chromium.to_owned()),
            concurrency: NonZeroUsize::new(concurrency).context("no concurrency")?,
            ..RendererConfig::new(std::env::temp_dir().join("platen-bench"))
        };
        Ok(Self {
            renderer: Renderer::start(config, egress.clone()).await?,
            egress,
        })
    }

    pub(crate) async fn stop(self) {
        self.renderer.shutdown().await;
    }

    /// All of `urls`, `concurrency` at a time.
    pub(crate) async fn convert(
        &self,
        urls: &[String],
        concurrency: usize,
    ) -> anyhow::Result<Round> {
        Round::of(urls, concurrency, async |url| self.job(url).await).await
    }

    async fn job(&self, url: &str) -> anyhow::Result<Job> {
        let started = Instant::now();
        let job = RenderJob::new(
            TargetUrl::parse(url, self.egress.policy())?,
            PdfOptions::default(),
        );
        let mut page = self.renderer.render(job, CancellationToken::new()).await?;
        let mut bytes = 0;
        while let Some(chunk) = page.pdf.try_next().await? {
            bytes += chunk.len() as u64;
        }
        Ok(Job {
            took: started.elapsed(),
            bytes,
            steps: None,
        })
    }
}
