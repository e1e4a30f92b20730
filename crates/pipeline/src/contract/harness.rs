//! What an adapter hands to its suite.

use std::{any::Any, sync::Arc, time::Duration};

use crate::{Clock, ConversionQueue, FileIndex, PdfStore, contract::ManualClock};

/// An empty index that goes by a clock the suite moves.
pub struct IndexHarness {
    pub index: Arc<dyn FileIndex>,
    pub clock: Arc<ManualClock>,
    /// What must live as long as the test: a folder, a process.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// An empty queue with its dead letters.
pub struct QueueHarness {
    pub queue: Arc<dyn ConversionQueue>,
    pub dead_letters: Arc<dyn ConversionQueue>,
    /// Deliveries before a message goes to the dead letters; small, so that tests are short.
    pub max_receives: u32,
    pub time: Time,
    pub keep: Box<dyn Any + Send + Sync>,
}

/// An empty store.
pub struct StoreHarness {
    pub store: Arc<dyn PdfStore>,
    pub keep: Box<dyn Any + Send + Sync>,
}

/// How time passes for a queue.
pub enum Time {
    /// By moving its clock.
    Moved(Arc<ManualClock>),
    /// By itself: the queue is a server with a clock of its own.
    Passing,
}

impl QueueHarness {
    /// A visibility time-out to try things with.
    pub fn visibility(&self) -> Duration {
        match self.time {
            Time::Moved(_) => Duration::from_secs(30),
            // The shortest that servers know, and a second for their rounding.
            Time::Passing => Duration::from_secs(2),
        }
    }

    /// Returns once everything hidden for [`visibility`](Self::visibility) until now is visible.
    pub async fn pass_visibility(&self) {
        match &self.time {
            Time::Moved(clock) => clock.advance(self.visibility()),
            Time::Passing => {
                let clock = crate::SystemClock;
                let rest = jiff::SignedDuration::try_from(self.visibility()).unwrap();
                clock.sleep_until(clock.now() + rest).await;
            }
        }
    }
}

/// Runs `attempt` until it gives something, for at most ten seconds. For states that a real server
/// reaches in its own time; what notifies is awaited instead.
pub async fn eventually<T, F>(what: &str, mut attempt: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let look = async {
        loop {
            if let Some(found) = attempt().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(10), look).await;
    found.unwrap_or_else(|_| panic!("{what}: not within ten seconds"))
}
