//! Repairing what crashes leave behind.

use std::sync::Arc;

use platen_pipeline::{
    Clock, FileKey, FileState, IndexError, Message, PdfKey, QueueError, StoreError,
};
use platen_telemetry::Chain;
use tokio_util::sync::CancellationToken;

use crate::{Ports, SweeperSettings, orphan::is_orphan, telemetry};

/// Sends lost messages again and removes objects that no record accounts for. Any number of
/// them may run at once; one is enough.
#[derive(Clone)]
pub struct Sweeper {
    ports: Ports,
    clock: Arc<dyn Clock>,
    settings: SweeperSettings,
}

/// What kept a sweep from its end. The next one starts over.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "{unknown} of {seen} PDFs have no record, and none of these was removed: the index may have been \
         replaced, or restored from before they were made. If they are to go, remove them by hand"
    )]
    Implausible { unknown: usize, seen: usize },
}

/// Records, or keys, looked at in one call.
const BATCH: u16 = 100;

/// So many objects without any record are what crashes leave behind. Beyond that, and beyond a tenth
/// of all, it is rather the records that are lost.
const PLAUSIBLE: usize = 100;

impl Sweeper {
    pub fn new(ports: Ports, clock: Arc<dyn Clock>, settings: SweeperSettings) -> Self {
        Self {
            ports,
            clock,
            settings,
        }
    }

    /// Sweeps at the set times until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let resending = async {
            loop {
                report("lost messages", self.resend().await);
                self.clock
                    .sleep_until(self.clock.now() + self.settings.resend_every)
                    .await;
            }
        };
        let removing = async {
            let mut pause = self.settings.orphans_after;
            loop {
                self.clock.sleep_until(self.clock.now() + pause).await;
                report("orphaned objects", self.remove_orphans().await);
                pause = self.settings.orphans_every;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = resending => {}
            () = removing => {}
        }
    }

    /// Sends a message for all work that has waited too long, and tells for how many files.
    pub async fn resend(&self) -> Result<usize, SweepError> {
        let before = self.clock.now() - self.settings.stale_after;
        let mut sent = 0;
        loop {
            let stale = self.ports.index.take_stale(before, BATCH).await?;
            for record in &stale {
                let message = match record.state {
                    FileState::Deleting => Message::delete(record.user, record.id),
                    _ => Message::convert(record.user, record.id),
                };
                self.ports.queue.send(&message).await?;
            }
            sent += stale.len();
            if stale.len() < usize::from(BATCH) {
                telemetry::resent(sent);
                return Ok(sent);
            }
        }
    }

    /// Goes through the whole store once, and tells how many objects were removed.
    pub async fn remove_orphans(&self) -> Result<usize, SweepError> {
        let (mut seen, mut removed) = (0, 0);
        let mut unknown = Vec::new();
        let mut after: Option<PdfKey> = None;
        loop {
            let keys = self.ports.store.keys(after, BATCH).await?;
            for object in &keys {
                let file = FileKey {
                    user: object.user,
                    file: object.file,
                };
                // Read after the object was seen, as the rule wants it.
                match self.ports.index.get(file).await? {
                    None => unknown.push(*object),
                    Some(record) if is_orphan(object, &record) => {
                        self.remove(object).await?;
                        removed += 1;
                    }
                    Some(_) => {}
                }
            }
            seen += keys.len();
            after = keys.last().copied();
            if keys.len() < usize::from(BATCH) {
                break;
            }
        }
        if unknown.len() > PLAUSIBLE && unknown.len() > seen / 10 {
            let unknown = unknown.len();
            return Err(SweepError::Implausible { unknown, seen });
        }
        for object in &unknown {
            self.remove(object).await?;
        }
        removed += unknown.len();
        telemetry::swept(removed);
        Ok(removed)
    }

    async fn remove(&self, object: &PdfKey) -> Result<(), SweepError> {
        tracing::info!(object.key = %object, "object that no record accounts for");
        Ok(self.ports.store.delete(object).await?)
    }
}

fn report(what: &'static str, swept: Result<usize, SweepError>) {
    match swept {
        Ok(0) => tracing::debug!(what, "nothing to sweep"),
        Ok(count) => tracing::info!(what, count, "swept"),
        Err(error) => {
            tracing::warn!(what, error = %Chain(&error), "sweep broke off");
        }
    }
}
