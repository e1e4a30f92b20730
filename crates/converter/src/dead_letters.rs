//! Messages that were delivered too often.

use std::{error::Error, sync::Arc};

use platen_api_types::FailureCode;
use platen_pipeline::{Claim, ConversionQueue, Delivery, FileKey, Job, Outcome};
use tracing::Instrument;

use crate::{
    Converter, Handled,
    converter::{Next, PortError},
    telemetry,
};

/// Takes messages from the dead letters to their ends.
#[derive(Clone)]
pub struct Undertaker {
    /// A converter whose queue is the dead letters.
    converter: Converter,
}

impl Undertaker {
    /// Works on the same ports as `converter`, but takes its messages from `dead_letters`.
    pub fn new(converter: &Converter, dead_letters: Arc<dyn ConversionQueue>) -> Self {
        let mut converter = converter.clone();
        converter.ports.queue = dead_letters;
        Self { converter }
    }

    pub(crate) fn converter(&self) -> &Converter {
        &self.converter
    }

    /// Ends what a dead letter was about: a file that nobody managed to convert has failed.
    pub async fn bury(&self, delivery: Delivery) -> Handled {
        let message = match delivery.message() {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn Error,
                    body = delivery.body.chars().take(500).collect::<String>(),
                    "dead letter cannot be read and is dropped"
                );
                return self.converter.settle(&delivery, Next::Acknowledge).await;
            }
        };
        let span = tracing::info_span!(
            "converter.bury",
            job.kind = telemetry::kind(message.job),
            user.id = %message.user,
            file.id = %message.file,
            trace.id = message.trace_id(),
        );
        let key = FileKey {
            user: message.user,
            file: message.file,
        };
        async {
            tracing::error!("message was delivered too often");
            let next = match message.job {
                Job::Convert => self.fail(key).await,
                Job::Delete => self.converter.delete(key).await,
            };
            let next = next.unwrap_or_else(|error| {
                tracing::warn!(error = &error as &dyn Error, "dead letter stays for now");
                Next::Later(self.converter.backoff(key, delivery.receive_count))
            });
            self.converter.settle(&delivery, next).await
        }
        .instrument(span)
        .await
    }

    async fn fail(&self, key: FileKey) -> Result<Next, PortError> {
        let lease = self.converter.settings.lease;
        match self.converter.ports.index.claim(key, lease).await? {
            Claim::Claimed(record) => {
                let outcome = Outcome::Failed(FailureCode::InternalError.into());
                self.converter.conclude(&record, outcome).await
            }
            Claim::Busy { until } => Ok(Next::Later(self.converter.until(until))),
            Claim::Deleting => self.converter.delete(key).await,
            Claim::Finished(_) | Claim::Missing => Ok(Next::Acknowledge),
        }
    }
}
