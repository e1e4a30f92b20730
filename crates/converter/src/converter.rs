//! One message.

use std::{error::Error, sync::Arc, time::Duration};

use platen_egress::EgressPolicy;
use platen_pipeline::{
    Clock, ConversionQueue, Delivery, FileIndex, FileKey, IndexError, Job, Message, PdfStore,
    StoreError,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{ConverterSettings, Render, backoff::backoff, telemetry};

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
    pub(crate) ports: Ports,
    pub(crate) renderer: Arc<dyn Render>,
    pub(crate) policy: EgressPolicy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: ConverterSettings,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// Nothing is left to do, and the message is acknowledged.
    Done,
    /// The message stays in the queue and comes again.
    Left,
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
            ports,
            renderer,
            policy,
            clock,
            settings,
        }
    }

    /// For how long messages have to be hidden when they are received.
    pub fn visibility(&self) -> Duration {
        self.settings.lease
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
                    error = &error as &dyn Error,
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
            telemetry::received(message.job, &delivery, self.clock.now());
            let next = self.work(&message, &delivery, cancel).await;
            self.settle(&delivery, next).await
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
            Job::Delete => self.delete(key).await,
        };
        next.unwrap_or_else(|error| {
            let wait = self.backoff(key, delivery.receive_count);
            tracing::warn!(
                error = &error as &dyn Error,
                wait = wait.as_secs_f64(),
                "job cannot go on now"
            );
            Next::Later(wait)
        })
    }

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
                error = &error as &dyn Error,
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
}
