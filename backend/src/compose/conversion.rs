//! The converter in this process.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use anyhow::Context;
use platen_converter::{
    Converter, ConverterSettings, Ports, Sweeper, SweeperSettings, Worker, WorkerSettings,
};
use platen_egress::{Egress, SystemResolver};
use platen_pipeline::Clock;
use platen_pipeline_local::LocalPipeline;
use platen_renderer::{Renderer, RendererConfig};
use tokio_util::sync::CancellationToken;

use super::folders;
use crate::config::Config;

/// Renders what the queue brings, and sweeps up.
pub struct Conversion {
    renderer: Renderer,
    worker: Worker,
    sweeper: Sweeper,
}

impl Conversion {
    /// Starts the browser, and sends again what a process before this one left undone.
    pub async fn start(
        config: &Config,
        pipeline: &LocalPipeline,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let settings = &config.conversion;
        let policy = settings.egress_allow.clone();
        let resolver = SystemResolver::from_system()?;
        let egress = Egress::new(policy.clone(), Arc::new(resolver));
        let renderer = Renderer::start(renderer_config(config)?, egress)
            .await
            .context("pages cannot be rendered")?;
        let ports = Ports {
            index: pipeline.index.clone(),
            queue: pipeline.queue.clone(),
            store: pipeline.store.clone(),
        };
        // Nobody else works on this folder: whatever is unfinished waits for us, and its message
        // may have been lost.
        let at_once = SweeperSettings {
            stale_after: Duration::ZERO,
            ..SweeperSettings::default()
        };
        Sweeper::new(ports.clone(), Arc::clone(&clock), at_once)
            .resend()
            .await
            .context("unfinished work cannot be taken up")?;
        let converter = Converter::new(
            ports.clone(),
            Arc::new(renderer.clone()),
            policy,
            Arc::clone(&clock),
            ConverterSettings::default(),
        );
        let worker_settings = WorkerSettings {
            concurrency: settings.concurrency.as_usize(),
            drain: config.server.shutdown_timeout.get(),
            ..WorkerSettings::default()
        };
        Ok(Self {
            renderer,
            worker: Worker::new(converter, pipeline.dead_letters.clone(), worker_settings),
            sweeper: Sweeper::new(ports, clock, SweeperSettings::default()),
        })
    }

    /// Works until `stop`, and then until running conversions have ended or their time is over.
    pub async fn run(self, stop: CancellationToken) {
        tokio::join!(self.worker.run(stop.clone()), self.sweeper.run(stop));
        self.renderer.shutdown().await;
    }
}

fn renderer_config(config: &Config) -> anyhow::Result<RendererConfig> {
    let settings = &config.conversion;
    folders::prepare_work_dir(&settings.work_dir)?;
    Ok(RendererConfig {
        browser: settings.chromium.clone(),
        run_as: settings.browser_user.clone(),
        allow_no_sandbox: settings.allow_no_sandbox,
        concurrency: NonZeroUsize::new(settings.concurrency.as_usize())
            .unwrap_or(NonZeroUsize::MIN),
        ..RendererConfig::new(&settings.work_dir)
    })
}
