//! How a process that converts is told to end.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Turns signals into an orderly end.
///
/// The first SIGINT or SIGTERM cancels [`Self::stopping`]: endless work ends, no new work begins.
/// The second one cancels [`Self::aborting`]: nobody waits any more.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    pub stopping: CancellationToken,
    pub aborting: CancellationToken,
}

impl Shutdown {
    /// Listens for signals from here on.
    pub fn follow_signals() -> io::Result<Self> {
        let shutdown = Self::default();
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        tokio::spawn(shutdown.clone().follow(interrupt, terminate));
        Ok(shutdown)
    }

    async fn follow(self, mut interrupt: Signal, mut terminate: Signal) {
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
