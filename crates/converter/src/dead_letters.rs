//! Messages that were delivered too often.

use std::sync::Arc;

use platen_api_types::FailureCode;
use platen_pipeline::{Claim, Clock, ConversionQueue, Delivery, FileKey, Job, Outcome};
use platen_telemetry::Chain;
use tracing::Instrument;

use crate::{
    ConverterSettings, Handled, Ports,
    clerk::{Clerk, Next, PortError},
    telemetry,
};

/// Takes messages from the dead letters to their ends. It renders nothing. Any number of them may
/// work on the same ports.
#[derive(Clone)]
pub struct Undertaker {
    /// A clerk whose queue is the dead letters.
    clerk: Clerk,
}

impl Undertaker {
    /// Works on the same ports as a converter, but takes its messages from `dead_letters`.
    pub fn new(
        ports: Ports,
        dead_letters: Arc<dyn ConversionQueue>,
        clock: Arc<dyn Clock>,
        settings: ConverterSettings,
    ) -> Self {
        let ports = Ports {
            queue: dead_letters,
            ..ports
        };
        Self {
            clerk: Clerk {
                ports,
                clock,
                settings,
            },
        }
    }

    pub(crate) fn clerk(&self) -> &Clerk {
        &self.clerk
    }

    /// Ends what a dead letter was about: a file that nobody managed to convert has failed.
    pub async fn bury(&self, delivery: Delivery) -> Handled {
        let message = match delivery.message() {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(
                    error = %Chain(&error),
                    body = delivery.body.chars().take(500).collect::<String>(),
                    "dead letter cannot be read and is dropped"
                );
                return self.clerk.settle(&delivery, Next::Acknowledge).await;
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
                Job::Delete => self.clerk.delete(key).await,
            };
            let next = next.unwrap_or_else(|error| {
                tracing::warn!(error = %Chain(&error), "dead letter stays for now");
                Next::Later(self.clerk.backoff(key, delivery.receive_count))
            });
            self.clerk.settle(&delivery, next).await
        }
        .instrument(span)
        .await
    }

    async fn fail(&self, key: FileKey) -> Result<Next, PortError> {
        let lease = self.clerk.settings.lease;
        match self.clerk.ports.index.claim(key, lease).await? {
            Claim::Claimed(record) => {
                let outcome = Outcome::Failed(FailureCode::InternalError.into());
                self.clerk.conclude(&record, outcome).await
            }
            Claim::Busy { until } => Ok(Next::Later(self.clerk.until(until))),
            Claim::Deleting => self.clerk.delete(key).await,
            Claim::Finished(_) | Claim::Missing => Ok(Next::Acknowledge),
        }
    }
}
