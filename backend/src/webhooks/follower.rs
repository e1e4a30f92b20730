//! From the ends of files to deliveries that are to be made.
//!
//! Converters know nothing of webhooks, and on AWS nothing of the database. So the index is read: of
//! each webhook it is kept how far its user's changes have been, and what came after is told, also
//! when no server was there to see it. A change that is read twice is put down once. One server
//! follows a webhook at a time, by lease, only to spare the index.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::StreamExt;
use jiff::Timestamp;
use platen_api_types::{File, WebhookEvent, WebhookId, WebhookPayload};
use platen_pipeline::{Change, Clock, FileIndex, FileRecord, FileState, IndexError};
use platen_telemetry::Chain;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

use super::{DeliveryInserted, Followed, NewDelivery, Sealer, WebhookStore};
use crate::{accounts::StoreError, ids::Ids};

/// How long a server that died keeps the others from following its webhooks.
const LEASE: Duration = Duration::from_mins(1);

/// A lease is prolonged when so much of it is left.
const RENEW: Duration = Duration::from_secs(30);

/// How often to look for webhooks that nobody follows.
const EVERY: Duration = Duration::from_secs(10);

/// After something went wrong.
const PAUSE: Duration = Duration::from_secs(5);

/// Puts deliveries down. Clones are the same server.
#[derive(Clone)]
pub struct Follower {
    pub(super) server: Uuid,
    pub(super) store: WebhookStore,
    pub(super) index: Arc<dyn FileIndex>,
    pub(super) sealer: Sealer,
    pub(super) ids: Ids,
    pub(super) clock: Arc<dyn Clock>,
    /// There is a new webhook.
    pub(super) asked: Arc<Notify>,
    /// There is something to deliver.
    pub(super) due: Arc<Notify>,
}

/// What kept a change from being told. It is read again.
#[derive(Debug, thiserror::Error)]
enum FollowError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a file cannot be written as JSON")]
    Payload(#[from] serde_json::Error),
}

impl Follower {
    /// Follows the files of webhooks' users until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let following = async {
            let mut tasks = HashMap::new();
            loop {
                if let Err(error) = self.look(&mut tasks).await {
                    tracing::warn!(error = %Chain(&error), "webhooks cannot be looked up");
                }
                tokio::select! {
                    () = self.asked.notified() => {}
                    () = self.clock.sleep_until(self.clock.now() + EVERY) => {}
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = following => {}
        }
        if let Err(error) = self.store.release(self.server).await {
            tracing::warn!(error = %Chain(&error), "webhooks are left until their lease ends");
        }
    }

    /// Takes what nobody follows, and lets go of what is not this server's any more.
    async fn look(
        &self,
        tasks: &mut HashMap<WebhookId, AbortOnDropHandle<()>>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let ours = self
            .store
            .take(self.server, now, now + RENEW, now + LEASE)
            .await?;
        tasks.retain(|id, task| !task.is_finished() && ours.iter().any(|hook| hook.id == *id));
        for hook in ours {
            tasks.entry(hook.id).or_insert_with(|| {
                let follower = self.clone();
                AbortOnDropHandle::new(tokio::spawn(async move { follower.follow(hook).await }))
            });
        }
        Ok(())
    }

    /// Returns when the webhook is gone, or another server's.
    async fn follow(&self, mut hook: Followed) {
        self.reseal(&hook).await;
        loop {
            match self.tell(&mut hook).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(
                    webhook.id = %hook.id,
                    error = %Chain(&error),
                    "changes of files cannot be followed"
                ),
            }
            self.clock.sleep_until(self.clock.now() + PAUSE).await;
        }
    }

    /// Secrets follow the servers' key when that is changed.
    async fn reseal(&self, hook: &Followed) {
        let resealed = async {
            let opened = self.sealer.open(hook.id, &hook.secret)?;
            if opened.is_outdated {
                let sealed = self.sealer.seal(hook.id, &opened.secret)?;
                self.store.reseal(hook.id, &hook.secret, &sealed).await?;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        };
        if let Err(error) = resealed.await {
            tracing::error!(webhook.id = %hook.id, error = %Chain(&*error), "secret not resealed");
        }
    }

    async fn tell(&self, hook: &mut Followed) -> Result<(), FollowError> {
        let mut changes = self.index.changes(hook.user, Some(hook.seen));
        while let Some(change) = changes.next().await {
            let Change { revision, record } = change?;
            let event = WebhookEvent::of(record.state.status());
            if let Some(event) = event.filter(|event| hook.events.contains(event)) {
                let is_ours = self.put_down(hook.id, event, record).await?
                    && self.store.saw(self.server, hook.id, revision).await?;
                if !is_ours {
                    return Ok(());
                }
            }
            hook.seen = revision;
        }
        // The index is being closed.
        Ok(())
    }

    /// `false`: the webhook is to be told nothing any more.
    async fn put_down(
        &self,
        hook: WebhookId,
        event: WebhookEvent,
        record: FileRecord,
    ) -> Result<bool, FollowError> {
        let now = self.clock.now();
        let ended_at = ended_at(&record).unwrap_or(now);
        let payload = WebhookPayload {
            r#type: event,
            timestamp: ended_at,
            data: File::from(record),
        };
        let delivery = NewDelivery {
            id: self.ids.delivery(),
            hook,
            file: payload.data.id,
            event,
            ended_at,
            created_at: now,
            body: serde_json::to_string(&payload)?,
        };
        match self.store.insert_delivery(&delivery).await? {
            DeliveryInserted::Created => {
                tracing::debug!(
                    webhook.id = %hook,
                    delivery.id = %delivery.id,
                    file.id = %delivery.file,
                    "to be delivered"
                );
                self.due.notify_one();
                Ok(true)
            }
            DeliveryInserted::Known => Ok(true),
            DeliveryInserted::NotWanted => Ok(false),
        }
    }
}

fn ended_at(record: &FileRecord) -> Option<Timestamp> {
    match record.state {
        FileState::Ready { finished_at, .. } | FileState::Failed { finished_at, .. } => {
            Some(finished_at)
        }
        FileState::Queued | FileState::Rendering { .. } | FileState::Deleting => None,
    }
}
