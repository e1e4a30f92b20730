//! How the worker ends.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Turns the first SIGTERM or SIGINT into `stopping`, and the second into `aborting`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    pub stopping: CancellationToken,
    pub aborting: CancellationToken,
}

impl Signals {
    /// Listens from here on.
    pub(crate) fn follow() -> io::Result<Self> {
        let signals = Self::default();
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        tokio::spawn(signals.clone().cancel_in_turn(interrupt, terminate));
        Ok(signals)
    }

    async fn cancel_in_turn(self, mut interrupt: Signal, mut terminate: Signal) {
        for token in [&self.stopping, &self.aborting] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::info!("told to stop");
            token.cancel();
        }
    }
}
