//! `platen serve`

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use platen_converter::Shutdown;
use platen_pipeline::{Clock, SystemClock};
use platen_telemetry::{Metrics, logs};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    compose::{self, Conversion, Pipeline},
    config::{Config, PipelinePlace},
    http, ops,
    server::{self, ConnectionLimits},
    webhooks,
};

/// How often recorded durations are folded into histograms.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// For conversions whose time is over to give their files back, and for the browser to end.
const LAST_STEPS: Duration = Duration::from_secs(5);

pub(super) async fn run() -> anyhow::Result<()> {
    let (config, _, unknown) = super::load().await?;
    logs::install(&config.log.settings())?;
    let metrics = Metrics::install()?;
    platen_converter::describe_metrics();
    platen_thumbnail::describe_metrics();
    webhooks::describe_metrics();
    announce(&config, &unknown);
    let shutdown = Shutdown::follow_signals().context("signals cannot be listened to")?;
    tokio::select! {
        biased;
        () = shutdown.aborting.cancelled() => bail!("stopped at once, as told by a second signal"),
        result = serve(&config, metrics, &shutdown) => result,
    }
}

async fn serve(config: &Config, metrics: Metrics, shutdown: &Shutdown) -> anyhow::Result<()> {
    // Both first: a port that is taken is found out before anything else is started.
    let public = server::listen(config.server.listen, "PLATEN_LISTEN").await?;
    let private = server::listen(config.server.ops_listen, "PLATEN_OPS_LISTEN").await?;
    let addresses = (public.local_addr()?, private.local_addr()?);

    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let pipeline = Pipeline::open(config, Arc::clone(&clock)).await?;
    let database = compose::database(config).await?;
    let conversion = Conversion::start(config, &pipeline, Arc::clone(&clock)).await?;
    let stop = &shutdown.stopping;
    let app = compose::app(config, database.clone(), &pipeline, clock, stop.clone())?;
    let app = Arc::new(app);

    let limits = ConnectionLimits {
        header_timeout: config.server.header_timeout.get(),
        write_timeout: config.server.write_timeout.get(),
    };
    // The operators' listener stays until everything else has ended, to tell how it is going.
    let ops = ops::router(Arc::clone(&app), metrics.clone());
    let ops = tokio::spawn(server::serve(
        private,
        ops,
        limits,
        CancellationToken::new(),
    ));
    let upkeep = tokio::spawn(upkeep(metrics));
    let mut parts = JoinSet::new();
    let eraser = app.eraser.clone();
    let erasing = stop.clone();
    parts.spawn(async move { eraser.run(erasing).await });
    let webhooks = app.webhooks.clone();
    let calling = stop.clone();
    parts.spawn(async move { webhooks.run(calling).await });
    parts.spawn(server::serve(
        public,
        http::router(app),
        limits,
        stop.clone(),
    ));
    parts.spawn(conversion.run(stop.clone()));

    tell_ready(addresses.0, addresses.1)?;
    let broken = tokio::select! {
        // First: a part that ended because it was told to is not broken.
        biased;
        () = stop.cancelled() => false,
        ended = parts.join_next() => {
            if let Some(Err(error)) = ended {
                tracing::error!(%error, "a part of the server broke");
            }
            true
        }
    };
    stop.cancel();
    drain(&mut parts, config.server.shutdown_timeout.get()).await;
    upkeep.abort();
    ops.abort();
    database.close().await;
    pipeline.close().await;
    if broken {
        bail!("a part of the server ended by itself; the log says why");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Waits until all parts have ended, or their time is over.
async fn drain(parts: &mut JoinSet<()>, deadline: Duration) {
    tracing::info!(deadline_s = deadline.as_secs(), "stopping");
    let all = async { while parts.join_next().await.is_some() {} };
    if tokio::time::timeout(deadline + LAST_STEPS, all)
        .await
        .is_err()
    {
        tracing::warn!(
            "stopped before everything had ended; the rest is taken up at the next start"
        );
        parts.shutdown().await;
    }
}

fn announce(config: &Config, unknown: &[String]) {
    for name in unknown {
        tracing::warn!(
            variable = name,
            "there is no such setting: is the name misspelt?"
        );
    }
    if !config.conversion.egress_allow.is_public_only() {
        tracing::warn!(
            allowed = %config.conversion.egress_allow,
            "pages may load from, and webhooks be sent to, more than the public web"
        );
    }
    match &config.deployment.pipeline {
        PipelinePlace::Folder(folder) => {
            tracing::info!(folder = %folder.display(), "everything is on this machine");
            if config.conversion.allow_no_sandbox {
                tracing::warn!(
                    "the browser may run without its sandbox, as told by PLATEN_ALLOW_NO_SANDBOX"
                );
            }
        }
        PipelinePlace::Aws(names) => tracing::info!(
            queue = names.queue.as_str(),
            table = names.table,
            bucket = names.bucket,
            "files, messages and PDFs are on AWS"
        ),
    }
    if !http::site_is_embedded() {
        tracing::warn!("the web app is not in this program: run `make build` to have it");
    }
}

async fn upkeep(metrics: Metrics) {
    let mut interval = tokio::time::interval(METRICS_UPKEEP);
    loop {
        interval.tick().await;
        metrics.upkeep();
    }
}

/// One line for people on standard output, whatever the log looks like.
fn tell_ready(public: SocketAddr, private: SocketAddr) -> anyhow::Result<()> {
    let (site, ops) = (openable(public), openable(private));
    tracing::info!(address = %public, ops.address = %private, "ready");
    super::print(&format!(
        "Platen is ready at http://{site}\nHealth and metrics are at http://{ops}\n"
    ))
}

/// "All addresses" can be listened on but not opened.
fn openable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
