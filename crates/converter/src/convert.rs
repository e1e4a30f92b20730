//! The job `convert`.

use std::{error::Error, ops::Range, time::Duration};

use jiff::Timestamp;
use platen_api_types::FailureCode;
use platen_pipeline::{
    Claim, Delivery, FileKey, FileRecord, FileState, Finish, IndexError, Outcome, PdfFacts,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Converter,
    converter::{Next, PortError},
    produce::Trouble,
    telemetry,
};

impl Converter {
    pub(crate) async fn convert(
        &self,
        key: FileKey,
        delivery: &Delivery,
        cancel: CancellationToken,
    ) -> Result<Next, PortError> {
        match self.ports.index.claim(key, self.settings.lease).await? {
            Claim::Claimed(record) => self.attempt(record, delivery, cancel).await,
            // That one may die: look again when its lease ends.
            Claim::Busy { until } => Ok(Next::Later(self.until(until))),
            Claim::Finished(record) => {
                self.remove_objects(key, unused_tokens(&record)).await?;
                Ok(Next::Acknowledge)
            }
            // The message to delete it may have been lost.
            Claim::Deleting => self.delete(key).await,
            Claim::Missing => Ok(Next::Acknowledge),
        }
    }

    pub(crate) fn until(&self, moment: Timestamp) -> Duration {
        Duration::try_from(moment.duration_since(self.clock.now())).unwrap_or_default()
    }

    async fn attempt(
        &self,
        record: FileRecord,
        delivery: &Delivery,
        cancel: CancellationToken,
    ) -> Result<Next, PortError> {
        let span = tracing::Span::current();
        span.record("file.token", record.token.0);
        span.record("file.attempt", record.attempts);
        if record.attempts > self.settings.attempts {
            // Every attempt before ended without a word: the converter died of it.
            let gave_up = Outcome::Failed(FailureCode::InternalError.into());
            return self.conclude(&record, gave_up).await;
        }
        match self.produce_alive(&record, delivery, cancel).await {
            Ok(pdf) => self.conclude(&record, Outcome::Ready(pdf)).await,
            Err(Trouble::Page(failure)) => self.conclude(&record, Outcome::Failed(failure)).await,
            Err(Trouble::Superseded) => self.yield_to_other(&record).await,
            Err(Trouble::Cancelled) => self.give_back(&record, Duration::ZERO).await,
            Err(Trouble::Ours(trouble)) => {
                telemetry::attempt_failed();
                tracing::warn!(error = &trouble as &dyn Error, "attempt failed");
                if record.attempts >= self.settings.attempts {
                    let gave_up = Outcome::Failed(FailureCode::InternalError.into());
                    return self.conclude(&record, gave_up).await;
                }
                let wait = self.backoff(key_of(&record), record.attempts);
                self.give_back(&record, wait).await
            }
        }
    }

    /// Renders and stores with signs of life beside.
    async fn produce_alive(
        &self,
        record: &FileRecord,
        delivery: &Delivery,
        cancel: CancellationToken,
    ) -> Result<PdfFacts, Trouble> {
        let start = tokio::time::Instant::now();
        let key = key_of(record);
        let result = tokio::select! {
            // What is done is done, even if we are told to stop at the same moment.
            biased;
            result = self.produce(record, cancel.child_token()) => result,
            () = self.keep_alive(key, record.token, &delivery.receipt) => Err(Trouble::Superseded),
            () = cancel.cancelled() => Err(Trouble::Cancelled),
        };
        telemetry::produced(start.elapsed(), &result);
        result
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
                        error = &error as &dyn Error,
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
    async fn yield_to_other(&self, record: &FileRecord) -> Result<Next, PortError> {
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
    async fn give_back(&self, record: &FileRecord, wait: Duration) -> Result<Next, PortError> {
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
fn unused_tokens(record: &FileRecord) -> Range<u64> {
    let newest = record.token.0;
    match record.state {
        FileState::Ready { .. } => 1..newest,
        FileState::Failed { .. } => 1..newest + 1,
        FileState::Queued | FileState::Rendering { .. } | FileState::Deleting => 1..1,
    }
}
