//! Signs of life while a job runs.

use platen_pipeline::{FencingToken, FileKey, Finish, Receipt};
use platen_telemetry::Chain;

use crate::clerk::Clerk;

impl Clerk {
    /// Prolongs lease and visibility, until the file turns out to be somebody else's.
    pub(crate) async fn keep_alive(&self, key: FileKey, token: FencingToken, receipt: &Receipt) {
        let lease = self.settings.lease;
        let mut beat = self.clock.now();
        loop {
            // Counted from the beat before, however long that took.
            self.clock.sleep_until(beat + self.settings.heartbeat).await;
            beat = self.clock.now();
            match self.ports.index.renew(key, token, lease).await {
                Ok(Finish::Recorded) => {}
                Ok(Finish::Superseded) => return,
                // The lease may run out. Whoever takes the file then wins; if nobody does, there
                // was no reason to stop.
                Err(error) => tracing::warn!(
                    error = %Chain(&error),
                    "lease could not be renewed"
                ),
            }
            if let Err(error) = self.ports.queue.extend(receipt, lease).await {
                tracing::warn!(
                    error = %Chain(&error),
                    "message could not be kept hidden"
                );
            }
        }
    }
}
