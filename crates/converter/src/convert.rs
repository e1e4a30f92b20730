//! The job `convert`.

use std::time::Duration;

use platen_api_types::{FailureCode, Stage};
use platen_pipeline::{Claim, Delivery, FileKey, FileRecord, Outcome, PdfFacts};
use platen_telemetry::Chain;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    Converter,
    clerk::{Next, PortError, key_of, unused_tokens},
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
        match self
            .clerk
            .ports
            .index
            .claim(key, self.clerk.settings.lease)
            .await?
        {
            Claim::Claimed(record) => self.attempt(record, delivery, cancel).await,
            // That one may die: look again when its lease ends.
            Claim::Busy { until } => Ok(Next::Later(self.clerk.until(until))),
            Claim::Finished(record) => {
                self.clerk
                    .remove_objects(key, unused_tokens(&record))
                    .await?;
                Ok(Next::Acknowledge)
            }
            // The message to delete it may have been lost.
            Claim::Deleting => self.clerk.delete(key).await,
            Claim::Missing => Ok(Next::Acknowledge),
        }
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
        if record.attempts > self.clerk.settings.attempts {
            // Every attempt before ended without a word: the converter died of it.
            let gave_up = Outcome::Failed(FailureCode::InternalError.into());
            return self.clerk.conclude(&record, gave_up).await;
        }
        match self.produce_alive(&record, delivery, cancel).await {
            Ok(pdf) => self.clerk.conclude(&record, Outcome::Ready(pdf)).await,
            Err(Trouble::Page(failure)) => {
                self.clerk.conclude(&record, Outcome::Failed(failure)).await
            }
            Err(Trouble::Superseded) => self.clerk.yield_to_other(&record).await,
            Err(Trouble::Cancelled) => self.clerk.give_back(&record, Duration::ZERO).await,
            Err(Trouble::Ours(trouble)) => {
                telemetry::attempt_failed();
                tracing::warn!(error = %Chain(&trouble), "attempt failed");
                if record.attempts >= self.clerk.settings.attempts {
                    let gave_up = Outcome::Failed(FailureCode::InternalError.into());
                    return self.clerk.conclude(&record, gave_up).await;
                }
                let wait = self.clerk.backoff(key_of(&record), record.attempts);
                self.clerk.give_back(&record, wait).await
            }
        }
    }

    /// Renders and stores, with signs of life and of progress beside. They end with it, so that nothing is
    /// told of a job whose end is.
    async fn produce_alive(
        &self,
        record: &FileRecord,
        delivery: &Delivery,
        cancel: CancellationToken,
    ) -> Result<PdfFacts, Trouble> {
        let start = tokio::time::Instant::now();
        let key = key_of(record);
        let (stage, stages) = watch::channel(Stage::default());
        let result = tokio::select! {
            // What is done is done, even if we are told to stop at the same moment.
            biased;
            result = self.produce(record, stage, cancel.child_token()) => result,
            () = self.clerk.keep_alive(key, record.token, &delivery.receipt) => Err(Trouble::Superseded),
            () = self.clerk.tell_stages(key, record.token, stages) => Err(Trouble::Superseded),
            () = cancel.cancelled() => Err(Trouble::Cancelled),
        };
        telemetry::produced(start.elapsed(), &result);
        result
    }
}
