//! What the converters could do if there were nothing but pages.

use std::time::Instant;

use futures::future::try_join_all;

use super::Options;
use crate::{conversions::Ours, site::Site, stats::per_second};

/// Jobs per second of as many renderers as there are converters, each with as many places. They share
/// this process, and have a browser each, as converters do.
pub(super) async fn jobs_per_second(options: &Options) -> anyhow::Result<f64> {
    let site = Site::start().await?;
    let start = || Ours::start(&options.chromium, site.port(), options.concurrency);
    let renderers = try_join_all((0..options.converters).map(|_| start())).await?;
    let share = options.ceiling.div_ceil(options.converters);
    let urls: Vec<String> = (0..share).map(|job| site.url_of(job)).collect();
    let warm_up = &urls[..urls.len().min(super::WARM_UP)];

    convert(&renderers, warm_up, options.concurrency).await?;
    let started = Instant::now();
    convert(&renderers, &urls, options.concurrency).await?;
    let rate = per_second(share * options.converters, started.elapsed());
    for renderer in renderers {
        renderer.stop().await;
    }
    Ok(rate)
}

/// All of `urls` by each of them.
async fn convert(renderers: &[Ours], urls: &[String], concurrency: usize) -> anyhow::Result<()> {
    let conversions = renderers.iter().map(|one| one.convert(urls, concurrency));
    try_join_all(conversions).await.map(drop)
}
