//! One event to its answer, in the time there is.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use platen_converter::{Converter, Handled};
use platen_pipeline::{ConversionQueue, Delivery};
use platen_renderer::{Renderer, RetryReason};
use platen_telemetry::Chain;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    BatchError,
    batch::{Record, failures, records},
};

/// How an event is worked off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionSettings {
    /// Records handled at the same time.
    pub concurrency: usize,
    /// Time before the deadline at which jobs that still run give their files back: two calls each,
    /// with room for one that has to be repeated.
    pub give_back: Duration,
    /// Time before the deadline at which the answer is sent, whatever still runs.
    pub answer: Duration,
    /// How long the answer may wait for the browser to clear up behind the jobs.
    pub rest: Duration,
}

impl Default for FunctionSettings {
    fn default() -> Self {
        Self {
            concurrency: 1,
            give_back: Duration::from_secs(5),
            answer: Duration::from_secs(1),
            rest: Duration::from_secs(1),
        }
    }
}

/// Nothing of the event could be done; all its messages come again.
#[derive(Debug, thiserror::Error)]
pub enum FunctionError {
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error("there is no browser to render with")]
    Browser(#[source] RetryReason),
    #[error("the browser did not come up within the time of the invocation")]
    BrowserSlow,
}

/// Takes events to their answers, with one browser for all of them. Clones share it.
#[derive(Clone)]
pub struct Function {
    converter: Converter,
    queue: Arc<dyn ConversionQueue>,
    renderer: Renderer,
    settings: FunctionSettings,
}

impl Function {
    /// `converter` works with `renderer`, on `queue`.
    pub fn new(
        converter: Converter,
        queue: Arc<dyn ConversionQueue>,
        renderer: Renderer,
        settings: FunctionSettings,
    ) -> Self {
        Self {
            converter,
            queue,
            renderer,
            settings,
        }
    }

    /// Handles all records, or as many as `time_left` allows, and names those that have to come
    /// again. What cannot end in time is given back for somebody else to take at once.
    pub async fn handle(
        &self,
        event: SqsEvent,
        time_left: Duration,
    ) -> Result<SqsBatchResponse, FunctionError> {
        let start = Instant::now();
        let before = |margin| start + time_left.saturating_sub(margin);
        let (give_back_at, answer_at) = (
            before(self.settings.give_back),
            before(self.settings.answer),
        );
        let records = records(event)?;

        // Between invocations this process is frozen, for a moment or for hours.
        timeout_at(answer_at, self.renderer.revive())
            .await
            .map_err(|_| FunctionError::BrowserSlow)?
            .map_err(FunctionError::Browser)?;

        let cancel = CancellationToken::new();
        let (ids, mut jobs) = self.start(records, &cancel);
        let mut done = vec![false; ids.len()];
        if timeout_at(give_back_at, join(&mut jobs, &mut done))
            .await
            .is_err()
        {
            tracing::warn!(jobs = jobs.len(), "time is over: jobs are given back");
            cancel.cancel();
            if timeout_at(answer_at, join(&mut jobs, &mut done))
                .await
                .is_err()
            {
                // Their leases and the time-outs of their messages end by themselves.
                tracing::error!(jobs = jobs.len(), "jobs could not be given back");
                jobs.abort_all();
            }
        }
        // What is half done when the process freezes looks like a browser that hangs afterwards.
        let rest = timeout(self.settings.rest, self.renderer.rest());
        if !matches!(timeout_at(answer_at, rest).await, Ok(Ok(()))) {
            tracing::info!("browser is still busy with what jobs left behind");
        }
        let failed = ids.into_iter().zip(done).filter(|(_, done)| !done);
        Ok(failures(failed.map(|(id, _)| id)))
    }

    /// A task for every record, so that one that panics takes no other with it. Each returns its
    /// place in the batch.
    fn start(
        &self,
        records: Vec<Record>,
        cancel: &CancellationToken,
    ) -> (Vec<String>, JoinSet<(usize, Handled)>) {
        let places = Arc::new(Semaphore::new(self.settings.concurrency.max(1)));
        let mut ids = Vec::with_capacity(records.len());
        let mut jobs = JoinSet::new();
        for (index, record) in records.into_iter().enumerate() {
            match record.delivery {
                Ok(delivery) => {
                    let job = self.clone().take(delivery, places.clone(), cancel.clone());
                    jobs.spawn(async move { (index, job.await) }.in_current_span());
                }
                Err(error) => tracing::error!(
                    message.id = record.id,
                    error = %Chain(&error),
                    "record cannot be read"
                ),
            }
            ids.push(record.id);
        }
        (ids, jobs)
    }

    async fn take(
        self,
        delivery: Delivery,
        places: Arc<Semaphore>,
        cancel: CancellationToken,
    ) -> Handled {
        let place = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            place = places.acquire_owned() => place.ok(),
        };
        if let Some(_place) = place {
            return self.converter.handle(delivery, cancel).await;
        }
        // Its turn did not come: nothing was claimed, and somebody else can have it now.
        if let Err(error) = self.queue.extend(&delivery.receipt, Duration::ZERO).await {
            tracing::warn!(
                error = %Chain(&error),
                "message that nobody worked on stays hidden"
            );
        }
        Handled::Left
    }
}

/// Waits for all jobs and marks those whose message is done with.
async fn join(jobs: &mut JoinSet<(usize, Handled)>, done: &mut [bool]) {
    while let Some(ended) = jobs.join_next().await {
        match ended {
            Ok((index, handled)) => done[index] = handled == Handled::Done,
            // Its message comes again, and its attempt counts.
            Err(error) if error.is_panic() => {
                tracing::error!(error = %Chain(&error), "job panicked");
            }
            Err(_) => {}
        }
    }
}
