//! Making the calls that are due, and trying again.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use platen_api_types::{DeliveryError, DisabledReason, WebhookId};
use platen_pipeline::Clock;
use platen_telemetry::Chain;
use tokio::{
    sync::Notify,
    task::{Id, JoinSet},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Attempt, Courier, Sealer, Tried, WebhookStore,
    courier::{Answer, Parcel},
    schedule, telemetry,
};
use crate::{accounts::StoreError, ids::Random};

/// How long others leave an attempt alone: more than it may take, and than clocks may differ.
const LEASE: Duration = Duration::from_mins(2);

/// Attempts at one time.
const AT_ONCE: usize = 32;

/// Of them, those of one webhook: a receiver that lets everyone wait must not take all places.
const AT_ONCE_OF_ONE: usize = 4;

/// How often to look for what other servers have left.
const EVERY: Duration = Duration::from_secs(10);

/// After which a webhook that nothing gets through to is disabled: longer than one delivery is tried.
const FAILING_FOR: Duration = Duration::from_hours(5 * 24);

/// Until an attempt that this server cannot sign is offered to others again.
const UNSIGNED: Duration = Duration::from_mins(5);

/// How long, and how many of each webhook, deliveries stay in the log.
const KEPT_FOR: Duration = Duration::from_hours(30 * 24);
const KEPT: u16 = 1000;
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// Makes calls. Any number of servers do so beside each other.
#[derive(Clone)]
pub struct Deliverer {
    pub(super) store: WebhookStore,
    pub(super) courier: Courier,
    pub(super) sealer: Sealer,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    /// There is something to deliver.
    pub(super) due: Arc<Notify>,
    /// How long attempts may go on after the server was told to stop.
    pub(super) drain: Duration,
}

/// Attempts under way.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    hooks: HashMap<Id, WebhookId>,
}

impl UnderWay {
    fn has_room(&self) -> bool {
        self.tasks.len() < AT_ONCE
    }

    fn has_room_for(&self, hook: WebhookId) -> bool {
        let of_hook = self.hooks.values().filter(|other| **other == hook);
        self.has_room() && of_hook.count() < AT_ONCE_OF_ONE
    }

    fn begin(&mut self, deliverer: Deliverer, attempt: Attempt, cut: CancellationToken) {
        let hook = attempt.hook;
        let task = self
            .tasks
            .spawn(async move { deliverer.attempt(&attempt, cut).await });
        self.hooks.insert(task.id(), hook);
    }

    /// Waits for one to end; pending when there is none.
    async fn one_ended(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                tracing::error!(%error, "an attempt to call a webhook broke");
                error.id()
            }
            None => std::future::pending().await,
        };
        self.hooks.remove(&id);
    }

    async fn all_ended(&mut self) {
        while !self.tasks.is_empty() {
            self.one_ended().await;
        }
    }
}

impl Deliverer {
    /// Calls what is due until `stop`; then what is under way may end, or is handed back.
    pub async fn run(&self, stop: CancellationToken) {
        let cut = CancellationToken::new();
        let mut under_way = UnderWay::default();
        loop {
            let looked_at = self.clock.now();
            if let Err(error) = self.begin_due(looked_at, &mut under_way, &cut).await {
                tracing::warn!(error = %Chain(&error), "webhooks cannot be called");
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = under_way.one_ended() => {}
                () = self.due.notified() => {}
                () = self.next_look(looked_at) => {}
            }
        }
        let drained = tokio::time::timeout(self.drain, under_way.all_ended()).await;
        if drained.is_err() {
            cut.cancel();
            under_way.all_ended().await;
        }
    }

    /// Forgets what is old, until `stop`.
    pub async fn prune(&self, stop: CancellationToken) {
        let pruning = async {
            loop {
                let now = self.clock.now();
                if let Err(error) = self.store.prune(now - KEPT_FOR, KEPT).await {
                    tracing::warn!(error = %Chain(&error), "old deliveries cannot be removed");
                }
                self.clock.sleep_until(now + PRUNE_EVERY).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = pruning => {}
        }
    }

    /// What was due at the look before has been begun, or has no room.
    async fn next_look(&self, looked_at: Timestamp) {
        let next = self.store.next_due(looked_at).await.ok().flatten();
        let latest = looked_at + EVERY;
        let at = next.map_or(latest, |next| next.min(latest));
        self.clock.sleep_until(at).await;
    }

    /// One of each webhook in turn, as long as there is room.
    async fn begin_due(
        &self,
        now: Timestamp,
        under_way: &mut UnderWay,
        cut: &CancellationToken,
    ) -> Result<(), StoreError> {
        // More than can be under way: some of these are full already.
        const LOOK_AT: u16 = 100;
        loop {
            let mut begun = false;
            for hook in self.store.due_hooks(now, LOOK_AT).await? {
                if !under_way.has_room_for(hook) {
                    continue;
                }
                if let Some(attempt) = self.store.claim_due(hook, now, now + LEASE).await? {
                    under_way.begin(self.clone(), attempt, cut.clone());
                    begun = true;
                }
            }
            if !begun || !under_way.has_room() {
                return Ok(());
            }
        }
    }

    async fn attempt(&self, attempt: &Attempt, cut: CancellationToken) {
        let made = tokio::select! {
            biased;
            () = cut.cancelled() => self.store.hand_back(attempt, self.clock.now()).await,
            made = self.make(attempt) => made,
        };
        if let Err(error) = made {
            tracing::warn!(
                webhook.id = %attempt.hook,
                delivery.id = %attempt.id,
                error = %Chain(&error),
                "what became of a call cannot be written down: it is made again"
            );
        }
    }

    async fn make(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let (opened, url) = match (
            self.sealer.open(attempt.hook, &attempt.secret),
            Url::parse(&attempt.url),
        ) {
            (Ok(opened), Ok(url)) => (opened, url),
            (Err(error), _) => {
                tracing::error!(webhook.id = %attempt.hook, error = %Chain(&error), "not signed");
                let later = self.clock.now() + UNSIGNED;
                return self.store.hand_back(attempt, later).await;
            }
            (_, Err(_)) => return Err(StoreError::Corrupt("URL of a webhook")),
        };
        let (id, now) = (attempt.id.to_string(), self.clock.now());
        let parcel = Parcel {
            signature: opened.secret.sign(&id, now, attempt.body.as_bytes()),
            timestamp: now.as_second(),
            body: Bytes::from(attempt.body.clone()),
            id,
        };
        let answer = self.courier.deliver(&url, parcel).await;
        self.write_down(attempt, answer).await
    }

    async fn write_down(
        &self,
        attempt: &Attempt,
        answer: Result<Answer, DeliveryError>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let (status, retry_after) = match &answer {
            Ok(answer) => (
                Some(answer.status),
                schedule::retry_after(&answer.headers, now),
            ),
            Err(_) => (None, None),
        };
        let error = match &answer {
            Ok(answer) if answer.status.is_success() => None,
            Ok(_) => Some(DeliveryError::HttpStatus),
            Err(error) => Some(*error),
        };
        let is_gone = status == Some(StatusCode::GONE);
        let pause = schedule::pause(attempt.number, retry_after, &*self.random);
        let tried = Tried {
            at: now,
            response_status: status.map(|status| status.as_u16()),
            error,
            again_at: pause
                .filter(|_| error.is_some() && !is_gone)
                .map(|pause| now + pause),
        };
        telemetry::attempted(error);
        tracing::info!(
            webhook.id = %attempt.hook,
            delivery.id = %attempt.id,
            attempt = attempt.number,
            status = tried.response_status,
            error = error.map(DeliveryError::as_str),
            "webhook called"
        );
        let failing_since = self.store.tried(attempt, &tried).await?;
        let has_failed_long = failing_since.is_some_and(|since| since + FAILING_FOR <= now);
        if is_gone {
            self.disable(attempt, DisabledReason::Gone).await?;
        } else if has_failed_long {
            self.disable(attempt, DisabledReason::Failing).await?;
        }
        Ok(())
    }

    async fn disable(&self, attempt: &Attempt, reason: DisabledReason) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.store.disable(attempt.hook, reason, now).await?;
        tracing::info!(webhook.id = %attempt.hook, reason = reason.as_str(), "webhook disabled");
        Ok(())
    }
}
