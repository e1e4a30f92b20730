//! Working off a queue.

use std::{sync::Arc, time::Duration};

use platen_pipeline::{Delivery, QueueError};
use platen_telemetry::Chain;
use tokio::{
    sync::Semaphore,
    task::{JoinError, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{Converter, Undertaker, WorkerSettings, clerk::Clerk};

/// Receives messages of one queue and handles several at a time.
pub struct Worker {
    duty: Duty,
    settings: WorkerSettings,
}

/// Messages a queue hands out at once, at most.
const RECEIVE_AT_ONCE: u16 = 10;

#[derive(Clone)]
enum Duty {
    Handle(Converter),
    Bury(Undertaker),
}

impl Duty {
    fn clerk(&self) -> &Clerk {
        match self {
            Self::Handle(converter) => &converter.clerk,
            Self::Bury(undertaker) => undertaker.clerk(),
        }
    }

    async fn take(self, delivery: Delivery, cancel: CancellationToken) {
        match self {
            Self::Handle(converter) => converter.handle(delivery, cancel).await,
            Self::Bury(undertaker) => undertaker.bury(delivery).await,
        };
    }
}

impl Worker {
    /// Works off the work queue.
    pub fn converting(converter: Converter, settings: WorkerSettings) -> Self {
        Self {
            duty: Duty::Handle(converter),
            settings,
        }
    }

    /// Works off the dead letters, one at a time: there should be none.
    pub fn burying(undertaker: Undertaker, settings: WorkerSettings) -> Self {
        Self {
            duty: Duty::Bury(undertaker),
            settings: WorkerSettings {
                concurrency: 1,
                ..settings
            },
        }
    }

    /// Works until `stop`; then takes nothing new, lets running jobs end until the drain time is
    /// over, and makes the rest give their files back.
    pub async fn run(&self, stop: CancellationToken) {
        let concurrency = self.settings.concurrency;
        let places = Arc::new(Semaphore::new(concurrency.max(1)));
        let cancel = CancellationToken::new();
        let mut jobs = JoinSet::new();
        let mut failures = 0_u32;
        loop {
            // A place first: what is received is hidden from others who may be idle.
            let place = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                place = places.clone().acquire_owned() => place,
            };
            let Ok(place) = place else { break };
            let mut held = vec![place];
            while held.len() < usize::from(RECEIVE_AT_ONCE)
                && let Ok(place) = places.clone().try_acquire_owned()
            {
                held.push(place);
            }
            let received = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                received = self.receive(held.len()) => received,
            };
            match received {
                Ok(deliveries) => {
                    failures = 0;
                    // Places that are left over are free again at the end of this round.
                    for (delivery, place) in deliveries.into_iter().zip(held) {
                        let job = self.duty.clone().take(delivery, cancel.clone());
                        jobs.spawn(async move {
                            job.await;
                            drop(place);
                        });
                    }
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    let wait = Duration::from_millis(100) * 2_u32.pow(failures.min(7));
                    tracing::warn!(
                        error = %Chain(&error),
                        wait = wait.as_secs_f64(),
                        "no messages can be received"
                    );
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = tokio::time::sleep(wait) => {}
                    }
                }
            }
            while let Some(ended) = jobs.try_join_next() {
                note_panic(ended);
            }
        }
        self.wind_up(jobs, &cancel).await;
    }

    async fn receive(&self, max: usize) -> Result<Vec<Delivery>, QueueError> {
        let max = u16::try_from(max).unwrap_or(RECEIVE_AT_ONCE);
        let clerk = self.duty.clerk();
        let visibility = clerk.visibility();
        let queue = &clerk.ports.queue;
        queue.receive(max, self.settings.poll, visibility).await
    }

    async fn wind_up(&self, mut jobs: JoinSet<()>, cancel: &CancellationToken) {
        let all_ended = async |jobs: &mut JoinSet<()>| {
            while let Some(ended) = jobs.join_next().await {
                note_panic(ended);
            }
        };
        if timeout(self.settings.drain, all_ended(&mut jobs))
            .await
            .is_ok()
        {
            return;
        }
        tracing::warn!(
            jobs = jobs.len(),
            "jobs did not end in time and are given back"
        );
        cancel.cancel();
        if timeout(self.settings.abort, all_ended(&mut jobs))
            .await
            .is_err()
        {
            // Their messages come again when the visibility ends.
            tracing::error!(jobs = jobs.len(), "jobs could not be given back");
            jobs.shutdown().await;
        }
    }
}

/// A job that panicked takes nobody with it: its message comes again, and its attempt counts.
fn note_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(error = %Chain(&error), "job panicked");
    }
}
