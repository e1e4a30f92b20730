//! As a worker that polls the queue.

use anyhow::{Context, bail};
use platen_converter::{Shutdown, Worker, WorkerSettings};
use platen_telemetry::Metrics;

use crate::{Config, Parts};

/// Works until SIGTERM or SIGINT; then takes nothing new and lets running jobs end. What has not
/// ended when the time is over is given back. A second signal does not wait.
pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    let shutdown = Shutdown::follow_signals().context("signals cannot be listened to")?;
    tokio::select! {
        biased;
        () = shutdown.aborting.cancelled() => bail!("stopped at once, as told by a second signal"),
        result = work(config, &shutdown) => result,
    }
}

async fn work(config: &Config, shutdown: &Shutdown) -> anyhow::Result<()> {
    if let Some(address) = config.ops_listen {
        Metrics::serve(address)
            .with_context(|| format!("PLATEN_OPS_LISTEN: {address} cannot be listened on"))?;
        platen_converter::describe_metrics();
    }
    let parts = Parts::start(config, |sqs| sqs).await?;
    // What is wrong with a name or a right is better told at once than at every poll.
    let asked = parts.queue.ping().await;
    asked.with_context(|| format!("PLATEN_SQS_QUEUE_URL: {} does not answer", config.queue_url))?;
    let settings = WorkerSettings {
        concurrency: config.renderer.concurrency.get(),
        drain: config.shutdown_timeout,
        ..WorkerSettings::default()
    };
    tracing::info!(queue = config.queue_url, "ready");
    Worker::converting(parts.converter, settings)
        .run(shutdown.stopping.clone())
        .await;
    parts.renderer.shutdown().await;
    tracing::info!("stopped");
    Ok(())
}
