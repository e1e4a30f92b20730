//! One message.

use std::{sync::Arc, time::Duration};

use platen_egress::EgressPolicy;
use platen_pipeline::{
    Clock, ConversionQueue, Delivery, FileIndex, FileKey, Job, Message, PdfStore,
};
use platen_telemetry::Chain;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    ConverterSettings, Render,
    clerk::{Clerk, Next},
    telemetry,
};

/// The adapters a converter works on.
#[derive(Clone)]
pub struct Ports {
    pub index: Arc<dyn FileIndex>,
    pub queue: Arc<dyn ConversionQueue>,
    pub store: Arc<dyn PdfStore>,
}

/// Takes messages to their ends. Any number of them may work on the same ports.
#[derive(Clone)]
pub struct Converter {
    pub(crate) clerk: Clerk,
    pub(crate) renderer: Arc<dyn Render>,
    pub(crate) policy: EgressPolicy,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// Nothing is left to do, and the message is acknowledged.
    Done,
    /// The message stays in the queue and comes again.
    Left,
}

impl Converter {
    /// `policy` judges every address again before it is rendered.
    pub fn new(
        ports: Ports,
        renderer: Arc<dyn Render>,
        policy: EgressPolicy,
        clock: Arc<dyn Clock>,
        settings: ConverterSettings,
    ) -> Self {
        Self {
            clerk: Clerk {
                ports,
                clock,
                settings,
            },
            renderer,
            policy,
        }
    }

    /// For how long messages have to be hidden when they are received.
    pub fn visibility(&self) -> Duration {
        self.clerk.visibility()
    }

    /// Does what a delivery asks for. The acknowledgement is the last step, so a crash at any
    /// point brings the message again, and every step before bears being repeated.
    ///
    /// `cancel` gives the file back for somebody else to take at once.
    pub async fn handle(&self, delivery: Delivery, cancel: CancellationToken) -> Handled {
        let message = match delivery.message() {
            Ok(message) => message,
            Err(error) => {
                // Perhaps a newer converter understands it. If none does, it is delivered until
                // the queue moves it to its dead letters.
                telemetry::unreadable();
                tracing::warn!(
                    error = %Chain(&error),
                    receive_count = delivery.receive_count,
                    "message cannot be read"
                );
                return Handled::Left;
            }
        };
        let span = tracing::info_span!(
            "converter.job",
            job.kind = telemetry::kind(message.job),
            user.id = %message.user,
            file.id = %message.file,
            message.receive_count = delivery.receive_count,
            trace.id = message.trace_id(),
            file.token = tracing::field::Empty,
            file.attempt = tracing::field::Empty,
        );
        async {
            telemetry::received(message.job, &delivery, self.clerk.clock.now());
            let next = self.work(&message, &delivery, cancel).await;
            self.clerk.settle(&delivery, next).await
        }
        .instrument(span)
        .await
    }

    async fn work(
        &self,
        message: &Message,
        delivery: &Delivery,
        cancel: CancellationToken,
    ) -> Next {
        let key = FileKey {
            user: message.user,
            file: message.file,
        };
        let next = match message.job {
            Job::Convert => self.convert(key, delivery, cancel).await,
            Job::Delete => self.clerk.delete(key).await,
        };
        next.unwrap_or_else(|error| {
            let wait = self.clerk.backoff(key, delivery.receive_count);
            tracing::warn!(
                error = %Chain(&error),
                wait = wait.as_secs_f64(),
                "job cannot go on now"
            );
            Next::Later(wait)
        })
    }
}
