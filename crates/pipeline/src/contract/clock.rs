//! A clock that stands still until it is moved.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::Clock;

/// Shows one moment until a test moves it. Moving it wakes up everybody who sleeps on it.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
}

impl ManualClock {
    /// Shows a moment long past: what reads another clock by mistake differs by decades.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            now: watch::Sender::new(Timestamp::from_second(1_000_000_000).unwrap()),
        })
    }

    pub fn advance(&self, by: Duration) {
        self.turn(SignedDuration::try_from(by).unwrap());
    }

    /// Forward or back, as clocks are set right.
    pub fn turn(&self, by: SignedDuration) {
        self.now.send_modify(|now| *now += by);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, deadline: Timestamp) {
        // Fails only when the sender is gone, and that is us.
        let _ = self.now.subscribe().wait_for(|now| *now >= deadline).await;
    }
}
