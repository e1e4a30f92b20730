//! Webhooks: made, listed and deleted by their owners; told by the service in the background.

use std::{sync::Arc, time::Duration};

use platen_api_types::{
    CreatedWebhook, Delivery, DeliveryId, NewWebhook, UserId, Webhook, WebhookId, limits,
};
use platen_egress::{EgressPolicy, TargetUrl, UrlRefusal};
use platen_pipeline::{Clock, FileIndex, IndexError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    Courier, Deliverer, Follower, HookInserted, SealError, Sealer, SigningSecret, WebhookStore,
};
use crate::{
    accounts::{StoreError, row::to_millisecond},
    ids::{Ids, Random},
};

/// Why there is no new webhook.
#[derive(Debug, thiserror::Error)]
pub enum NewWebhookError {
    #[error("the receiver's URL cannot be used")]
    Url(#[source] UrlRefusal),
    #[error("no event was named")]
    NoEvent,
    #[error("the user has as many webhooks as there may be")]
    TooMany,
    #[error("the account has ended")]
    NoSuchUser,
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What webhooks stand on.
pub struct WebhookParts {
    pub store: WebhookStore,
    pub index: Arc<dyn FileIndex>,
    pub courier: Courier,
    pub sealer: Sealer,
    pub policy: EgressPolicy,
    pub ids: Ids,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// How long calls may go on after the server was told to stop.
    pub drain: Duration,
}

/// The service.
#[derive(Clone)]
pub struct Webhooks {
    store: WebhookStore,
    index: Arc<dyn FileIndex>,
    sealer: Sealer,
    policy: EgressPolicy,
    ids: Ids,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    follower: Follower,
    deliverer: Deliverer,
}

impl Webhooks {
    pub fn new(parts: WebhookParts) -> Self {
        let due = Arc::new(Notify::new());
        let follower = Follower {
            server: parts.ids.server(),
            store: parts.store.clone(),
            index: Arc::clone(&parts.index),
            sealer: parts.sealer.clone(),
            ids: parts.ids.clone(),
            clock: Arc::clone(&parts.clock),
            asked: Arc::default(),
            due: Arc::clone(&due),
        };
        let deliverer = Deliverer {
            store: parts.store.clone(),
            courier: parts.courier,
            sealer: parts.sealer.clone(),
            clock: Arc::clone(&parts.clock),
            random: Arc::clone(&parts.random),
            due,
            drain: parts.drain,
        };
        Self {
            store: parts.store,
            index: parts.index,
            sealer: parts.sealer,
            policy: parts.policy,
            ids: parts.ids,
            clock: parts.clock,
            random: parts.random,
            follower,
            deliverer,
        }
    }

    /// Calls webhooks until `stop`, and lets calls under way come to their end.
    pub async fn run(&self, stop: CancellationToken) {
        tokio::join!(
            self.follower.run(stop.clone()),
            self.deliverer.run(stop.clone()),
            self.deliverer.prune(stop),
        );
    }

    /// Makes a webhook that is told of every file that comes to its end from now on. Its secret is in
    /// the answer and never shown again.
    pub async fn create(
        &self,
        user: UserId,
        new: NewWebhook,
    ) -> Result<CreatedWebhook, NewWebhookError> {
        let url = TargetUrl::parse(&new.url, &self.policy).map_err(NewWebhookError::Url)?;
        let mut events = new.events;
        events.sort_unstable();
        events.dedup();
        if events.is_empty() {
            return Err(NewWebhookError::NoEvent);
        }
        if self.store.count(user).await? >= i64::from(limits::WEBHOOKS) {
            return Err(NewWebhookError::TooMany);
        }
        let webhook = Webhook {
            id: self.ids.webhook(),
            url: url.as_str().to_owned(),
            events,
            created_at: to_millisecond(self.clock.now()),
            failing_since: None,
            disabled: None,
        };
        let secret = SigningSecret::generate(&*self.random);
        let sealed = self.sealer.seal(webhook.id, &secret)?;
        // Before there is an answer: what ends after that must not be missed.
        let seen = self.index.revision(user).await?;
        match self.store.insert(user, &webhook, &sealed, seen).await? {
            HookInserted::Created => {}
            HookInserted::NoSuchUser => return Err(NewWebhookError::NoSuchUser),
        }
        self.follower.asked.notify_one();
        tracing::info!(user.id = %user, webhook.id = %webhook.id, "webhook created");
        Ok(CreatedWebhook {
            webhook,
            secret: secret.reveal(),
        })
    }

    /// Newest first.
    pub async fn list(&self, user: UserId) -> Result<Vec<Webhook>, StoreError> {
        self.store.of_user(user).await
    }

    /// Ends a webhook, and forgets its deliveries. `false`: the user has no such webhook.
    pub async fn delete(&self, user: UserId, hook: WebhookId) -> Result<bool, StoreError> {
        let deleted = self.store.delete(user, hook).await?;
        if deleted {
            tracing::info!(user.id = %user, webhook.id = %hook, "webhook deleted");
        }
        Ok(deleted)
    }

    /// Newest first, those older than `after`. `None`: the user has no such webhook.
    pub async fn deliveries(
        &self,
        user: UserId,
        hook: WebhookId,
        after: Option<DeliveryId>,
        limit: u16,
    ) -> Result<Option<Vec<Delivery>>, StoreError> {
        if !self.store.exists(user, hook).await? {
            return Ok(None);
        }
        self.store.deliveries(hook, after, limit).await.map(Some)
    }
}
