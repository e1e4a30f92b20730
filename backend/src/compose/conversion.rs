//! What goes on behind the API: converting where everything is on this machine, and cleaning up
//! everywhere.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use anyhow::Context;
use futures::future::join_all;
use platen_converter::{
    Converter, ConverterSettings, Sweeper, SweeperSettings, Undertaker, Worker, WorkerSettings,
};
use platen_egress::{Egress, SystemResolver};
use platen_pipeline::Clock;
use platen_renderer::{Renderer, RendererConfig};
use tokio_util::sync::CancellationToken;

use super::{Pipeline, folders};
use crate::{
    config::{Config, PipelinePlace},
    ids::{Random, SystemRandom},
};

/// Looks for lost messages, in the time after which one counts as lost.
const LOOKS: u32 = 10;

/// Renders what the queue brings, where that is done here; ends dead letters, and sweeps up.
pub struct Conversion {
    renderer: Option<Renderer>,
    workers: Vec<Worker>,
    sweeper: Sweeper,
}

impl Conversion {
    /// On this machine, starts the browser, and sends again what a process before this one left
    /// undone. On AWS, any number of servers do the rest beside each other.
    pub async fn start(
        config: &Config,
        pipeline: &Pipeline,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let settings = WorkerSettings {
            concurrency: config.conversion.concurrency.as_usize(),
            drain: config.server.shutdown_timeout.get(),
            ..WorkerSettings::default()
        };
        let undertaker = Undertaker::new(
            pipeline.ports.clone(),
            Arc::clone(&pipeline.dead_letters),
            Arc::clone(&clock),
            ConverterSettings::default(),
        );
        let mut workers = vec![Worker::burying(undertaker, settings)];
        let mut renderer = None;
        if let PipelinePlace::Folder(_) = config.deployment.pipeline {
            let started = start_renderer(config).await?;
            take_up(pipeline, Arc::clone(&clock)).await?;
            let converter = Converter::new(
                pipeline.ports.clone(),
                Arc::new(started.clone()),
                config.conversion.egress_allow.clone(),
                Arc::clone(&clock),
                ConverterSettings::default(),
            );
            workers.push(Worker::converting(converter, settings));
            renderer = Some(started);
        }
        Ok(Self {
            renderer,
            workers,
            sweeper: Sweeper::new(pipeline.ports.clone(), clock, sweeper_settings(config)),
        })
    }

    /// Works until `stop`, and then until running conversions have ended or their time is over.
    pub async fn run(self, stop: CancellationToken) {
        let workers = self.workers.iter().map(|worker| worker.run(stop.clone()));
        tokio::join!(join_all(workers), self.sweeper.run(stop.clone()));
        if let Some(renderer) = self.renderer {
            renderer.shutdown().await;
        }
    }
}

/// Nobody else works on this folder: whatever is unfinished waits for us, and its message may have
/// been lost.
async fn take_up(pipeline: &Pipeline, clock: Arc<dyn Clock>) -> anyhow::Result<()> {
    let at_once = SweeperSettings {
        stale_after: Duration::ZERO,
        ..SweeperSettings::default()
    };
    Sweeper::new(pipeline.ports.clone(), clock, at_once)
        .resend()
        .await
        .context("unfinished work cannot be taken up")?;
    Ok(())
}

fn sweeper_settings(config: &Config) -> SweeperSettings {
    let stale_after = config.sweep.resend_after.get();
    let orphans_every = config.sweep.orphans_every.get();
    let orphans_after = match config.deployment.pipeline {
        PipelinePlace::Folder(_) => Duration::ZERO,
        // Servers that start together should not look together.
        PipelinePlace::Aws(_) => {
            let mut drawn = [0];
            SystemRandom.fill(&mut drawn);
            orphans_every.mul_f64(f64::from(drawn[0]) / 256.0)
        }
    };
    SweeperSettings {
        resend_every: stale_after / LOOKS,
        stale_after,
        orphans_after,
        orphans_every,
    }
}

/// A renderer as the configuration wants it.
pub async fn start_renderer(config: &Config) -> anyhow::Result<Renderer> {
    let settings = &config.conversion;
    let resolver = SystemResolver::from_system()?;
    let egress = Egress::new(settings.egress_allow.clone(), Arc::new(resolver));
    Renderer::start(renderer_config(config)?, egress)
        .await
        .context("pages cannot be rendered")
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
