//! `platen migrate`

use std::sync::Arc;

use platen_pipeline::SystemClock;
use platen_telemetry::logs;

use crate::compose::{self, Pipeline};

pub(super) async fn run() -> anyhow::Result<()> {
    let (config, ..) = super::load().await?;
    logs::install(&config.log.settings())?;
    let clock = Arc::new(SystemClock);
    let pipeline = Pipeline::open(&config, clock).await?;
    compose::database(&config).await?.close().await;
    pipeline.close().await;
    tracing::info!("databases are at the current schema");
    Ok(())
}
