//! `platen migrate`

use std::sync::Arc;

use platen_pipeline::SystemClock;
use platen_telemetry::logs;

use crate::compose;

pub(super) async fn run() -> anyhow::Result<()> {
    let (config, ..) = super::load()?;
    logs::install(&config.log.settings())?;
    let clock = Arc::new(SystemClock);
    let pipeline = compose::pipeline(&config, clock).await?;
    compose::database(&config).await?.close().await;
    pipeline.close().await;
    tracing::info!("databases are at the current schema");
    Ok(())
}
