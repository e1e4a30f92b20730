//! A clock that stands still until it is moved.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use platen_pipeline::Clock;
use tokio::sync::Notify;

#[derive(Debug)]
pub(crate) struct TestClock {
    now: Mutex<Timestamp>,
    moved: Notify,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            now: Mutex::new(Timestamp::from_second(1_800_000_000).unwrap()),
            moved: Notify::new(),
        }
    }
}

impl TestClock {
    pub(crate) fn advance(&self, span: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(span).unwrap();
        drop(now);
        self.moved.notify_waiters();
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep_until(&self, deadline: Timestamp) {
        loop {
            // Before the look: what is moved after it wakes this up.
            let moved = self.moved.notified();
            if deadline <= self.now() {
                return;
            }
            moved.await;
        }
    }
}
