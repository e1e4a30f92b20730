//! Waiting with a deadline, never for a fixed time.

use std::{future::Future, ops::RangeInclusive, time::Duration};

use anyhow::{Context, Result};

/// Pauses between two looks: from one that is not felt to one that does not load the machine.
const PAUSES: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_millis(200);

/// Looks until there is something to see; an error once `limit` has passed.
pub async fn eventually<T, F>(what: &str, limit: Duration, mut look: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    within(what, limit, async {
        let mut pause = *PAUSES.start();
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            // What is looked at tells nobody when it changes.
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(*PAUSES.end());
        }
    })
    .await
}

/// The outcome of `work`; an error once `limit` has passed.
pub async fn within<T>(
    what: &str,
    limit: Duration,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    tokio::time::timeout(limit, work)
        .await
        .with_context(|| format!("{what}: not within {limit:?}"))?
}
