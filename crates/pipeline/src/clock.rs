//! Time is handed in, so that tests can move it.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

/// Tells the time.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    fn now(&self) -> Timestamp;

    /// Returns once the clock shows `deadline` or later. A clock that tests move wakes up when it
    /// is moved; the others wait.
    async fn sleep_until(&self, deadline: Timestamp) {
        loop {
            // In the past, the duration is negative and does not convert.
            match Duration::try_from(deadline.duration_since(self.now())) {
                Ok(rest) if !rest.is_zero() => tokio::time::sleep(rest).await,
                _ => return,
            }
        }
    }
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
