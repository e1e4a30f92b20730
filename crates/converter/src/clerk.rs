//! What can be done about a message and its file without rendering anything.

use std::{ops::Range, sync::Arc, time::Duration};

use jiff::Timestamp;
use platen_pipeline::{
    Clock, Delivery, FileKey, FileRecord, FileState, Finish, IndexError, Outcome, StoreError,
};
use platen_telemetry::Chain;

use crate::{ConverterSettings, Handled, Ports, backoff::backoff, telemetry};

/// Keeps records and messages in order, for whoever found out what became of a file.
#[derive(Clone)]
pub(crate) struct Clerk {
    pub(crate) ports: Ports,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: ConverterSettings,
}

/// What to do with the message, as the last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Acknowledge,
    /// Hide it for so long.
    Later(Duration),
}

/// A port did not do what the job cannot go on without.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Clerk {
    /// For how long messages have to be hidden when they are received.
    pub(crate) fn visibility(&self) -> Duration {
        self.settings.lease
    }

    /// The last step of every job.
    pub(crate) async fn settle(&self, delivery: &Delivery, next: Next) -> Handled {
        let (handled, settled) = match next {
            Next::Acknowledge => {
                let settled = self.ports.queue.ack(&delivery.receipt).await;
                (Handled::Done, settled)
            }
            Next::Later(wait) => {
                let settled = self.ports.queue.extend(&delivery.receipt, wait).await;
                (Handled::Left, settled)
            }
        };
        if let Err(error) = settled {
            // It comes again when its visibility ends, and finds the work done.
            tracing::warn!(
                error = %Chain(&error),
                "message could not be acknowledged or hidden"
            );
        }
        handled
    }

    pub(crate) fn backoff(&self, key: FileKey, attempt: u32) -> Duration {
        let ConverterSettings {
            backoff: first,
            longest_backoff,
            ..
        } = self.settings;
        backoff(first, longest_backoff, attempt, key)
    }

    pub(crate) fn until(&self, moment: Timestamp) -> Duration {
        Duration::try_from(moment.duration_since(self.clock.now())).unwrap_or_default()
    }

    /// Writes down how it ended; only then are older objects of the file in nobody's way.
    pub(crate) async fn conclude(
        &self,
        record: &FileRecord,
        outcome: Outcome,
    ) -> Result<Next, PortError> {
        let key = key_of(record);
        let label = telemetry::outcome(&outcome);
        let failed = matches!(outcome, Outcome::Failed(_));
        match self.finish(record, outcome).await? {
            Finish::Superseded => self.yield_to_other(record).await,
            Finish::Recorded => {
                telemetry::concluded(label);
                let newest = record.token.0;
                let end = if failed { newest + 1 } else { newest };
                self.remove_objects(key, 1..end).await?;
                Ok(Next::Acknowledge)
            }
        }
    }

    /// Tries a few times: the work is done and only has to be told.
    async fn finish(&self, record: &FileRecord, outcome: Outcome) -> Result<Finish, IndexError> {
        let index = &self.ports.index;
        let mut pause = self.settings.finish_pause;
        let mut tries = 1;
        loop {
            let finish = index.finish(key_of(record), record.token, outcome.clone());
            match finish.await {
                Err(error @ IndexError::Unavailable(_)) if tries < self.settings.finish_tries => {
                    tracing::warn!(
                        error = %Chain(&error),
                        "outcome could not be recorded"
                    );
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                    tries += 1;
                }
                finished => return finished,
            }
        }
    }

    /// The file is not ours any more — or an answer to our own `finish` was lost, and the record
    /// names our token.
    pub(crate) async fn yield_to_other(&self, record: &FileRecord) -> Result<Next, PortError> {
        let key = key_of(record);
        let now = self.ports.index.get(key).await?;
        self.remove_if_orphan(&record.pdf_key(), now.as_ref())
            .await?;
        if let Some(now) = now {
            self.remove_objects(key, unused_tokens(&now)).await?;
        }
        Ok(Next::Acknowledge)
    }

    /// Lets somebody else have it, after `wait`.
    pub(crate) async fn give_back(
        &self,
        record: &FileRecord,
        wait: Duration,
    ) -> Result<Next, PortError> {
        let key = key_of(record);
        match self.ports.index.release(key, record.token).await? {
            Finish::Recorded => Ok(Next::Later(wait)),
            Finish::Superseded => self.yield_to_other(record).await,
        }
    }
}

pub(crate) fn key_of(record: &FileRecord) -> FileKey {
    FileKey {
        user: record.user,
        file: record.id,
    }
}

/// Tokens whose objects a final record has no use for. None while it is not final: their holders
/// may be at work.
pub(crate) fn unused_tokens(record: &FileRecord) -> Range<u64> {
    let newest = record.token.0;
    match record.state {
        FileState::Ready { .. } => 1..newest,
        FileState::Failed { .. } => 1..newest + 1,
        FileState::Queued | FileState::Rendering { .. } | FileState::Deleting => 1..1,
    }
}
