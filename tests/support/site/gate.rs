//! A gate that requests wait at.

use tokio::sync::watch;

#[derive(Debug)]
pub(super) struct Gate(watch::Sender<bool>);

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Gate {
    pub(super) fn open(&self) {
        self.0.send_replace(true);
    }

    /// Returns once the gate has been opened.
    pub(super) async fn passed(&self) {
        // The sender lives as long as we do, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|open| *open).await;
    }
}
