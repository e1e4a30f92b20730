//! Webhooks in the database. The SQL is what all engines have in common, as that of the accounts.

use jiff::Timestamp;
use platen_api_types::{Disabled, DisabledReason, UserId, Webhook, WebhookEvent, WebhookId};
use platen_pipeline::Revision;
use sqlx::{Row, any::AnyRow};
use uuid::Uuid;

use crate::accounts::{
    Database, StoreError,
    row::{parsed, parsed_if_any, time, time_if_any},
};

/// Webhooks and their deliveries.
#[derive(Clone, Debug)]
pub struct WebhookStore {
    pub(super) database: Database,
}

/// What became of a new webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookInserted {
    Created,
    /// The account was erased meanwhile.
    NoSuchUser,
}

/// A webhook whose user's files a server follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub id: WebhookId,
    pub user: UserId,
    pub events: Vec<WebhookEvent>,
    /// Sealed.
    pub secret: String,
    /// What changed after it is still to be told.
    pub seen: Revision,
}

impl WebhookStore {
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Puts a webhook down that is told of what changes after `seen`.
    pub async fn insert(
        &self,
        user: UserId,
        hook: &Webhook,
        sealed: &str,
        seen: Revision,
    ) -> Result<HookInserted, StoreError> {
        let inserted = self
            .database
            .query(
                "INSERT INTO webhooks \
                 (id, user_id, url, events, secret, created_at, seen_revision, followed_until) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            )
            .bind(hook.id.to_string())
            .bind(user.to_string())
            .bind(hook.url.as_str())
            .bind(write_events(&hook.events))
            .bind(sealed)
            .bind(hook.created_at.as_millisecond())
            .bind(write_revision(seen))
            .execute(self.database.pool())
            .await;
        match inserted {
            Ok(_) => Ok(HookInserted::Created),
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
                Ok(HookInserted::NoSuchUser)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Newest first.
    pub async fn of_user(&self, user: UserId) -> Result<Vec<Webhook>, StoreError> {
        let rows = self
            .database
            .query(
                "SELECT id, url, events, created_at, failing_since, disabled_at, disabled_reason \
                 FROM webhooks WHERE user_id = ? ORDER BY created_at DESC, id DESC",
            )
            .bind(user.to_string())
            .fetch_all(self.database.pool())
            .await?;
        rows.iter().map(read_hook).collect()
    }

    pub async fn count(&self, user: UserId) -> Result<i64, StoreError> {
        let row = self
            .database
            .query("SELECT COUNT(*) AS count FROM webhooks WHERE user_id = ?")
            .bind(user.to_string())
            .fetch_one(self.database.pool())
            .await?;
        Ok(row.try_get("count")?)
    }

    pub async fn exists(&self, user: UserId, hook: WebhookId) -> Result<bool, StoreError> {
        let row = self
            .database
            .query("SELECT id FROM webhooks WHERE id = ? AND user_id = ?")
            .bind(hook.to_string())
            .bind(user.to_string())
            .fetch_optional(self.database.pool())
            .await?;
        Ok(row.is_some())
    }

    /// Its deliveries go with it. `false`: the user has no such webhook.
    pub async fn delete(&self, user: UserId, hook: WebhookId) -> Result<bool, StoreError> {
        let deleted = self
            .database
            .query("DELETE FROM webhooks WHERE id = ? AND user_id = ?")
            .bind(hook.to_string())
            .bind(user.to_string())
            .execute(self.database.pool())
            .await?;
        Ok(deleted.rows_affected() > 0)
    }

    /// Takes the webhooks that no server follows, prolongs the lease on those that this one does when
    /// it ends before `renew_before`, and gives all that are this server's now.
    pub async fn take(
        &self,
        server: Uuid,
        now: Timestamp,
        renew_before: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Followed>, StoreError> {
        self.database
            .query(
                "UPDATE webhooks SET follower = ?, followed_until = ? \
                 WHERE disabled_at IS NULL \
                 AND (followed_until <= ? OR (follower = ? AND followed_until < ?))",
            )
            .bind(server.to_string())
            .bind(until.as_millisecond())
            .bind(now.as_millisecond())
            .bind(server.to_string())
            .bind(renew_before.as_millisecond())
            .execute(self.database.pool())
            .await?;
        let rows = self
            .database
            .query(
                "SELECT id, user_id, events, secret, seen_revision FROM webhooks \
                 WHERE follower = ? AND disabled_at IS NULL ORDER BY id",
            )
            .bind(server.to_string())
            .fetch_all(self.database.pool())
            .await?;
        rows.iter().map(read_followed).collect()
    }

    /// Notes how far the changes have been read. `false`: the webhook is not this server's any more.
    pub async fn saw(
        &self,
        server: Uuid,
        hook: WebhookId,
        revision: Revision,
    ) -> Result<bool, StoreError> {
        let updated = self
            .database
            .query("UPDATE webhooks SET seen_revision = ? WHERE id = ? AND follower = ?")
            .bind(write_revision(revision))
            .bind(hook.to_string())
            .bind(server.to_string())
            .execute(self.database.pool())
            .await?;
        Ok(updated.rows_affected() > 0)
    }

    /// Lets other servers follow what this one did.
    pub async fn release(&self, server: Uuid) -> Result<(), StoreError> {
        self.database
            .query("UPDATE webhooks SET follower = NULL, followed_until = 0 WHERE follower = ?")
            .bind(server.to_string())
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// Replaces a sealed secret, unless it has been replaced since `old` was read.
    pub async fn reseal(&self, hook: WebhookId, old: &str, new: &str) -> Result<(), StoreError> {
        self.database
            .query("UPDATE webhooks SET secret = ? WHERE id = ? AND secret = ?")
            .bind(new)
            .bind(hook.to_string())
            .bind(old)
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// Calls a webhook no more, and ends what was still to be told to it.
    pub async fn disable(
        &self,
        hook: WebhookId,
        reason: DisabledReason,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.pool().begin().await?;
        // In the order in which the end of an attempt writes, so that neither waits for the other.
        self.database
            .query(
                "UPDATE webhook_deliveries SET status = 'failed', error = 'webhook_disabled', \
                 next_attempt_at = NULL, body = NULL WHERE webhook_id = ? AND status = 'pending'",
            )
            .bind(hook.to_string())
            .execute(&mut *transaction)
            .await?;
        self.database
            .query(
                "UPDATE webhooks SET disabled_at = ?, disabled_reason = ? \
                 WHERE id = ? AND disabled_at IS NULL",
            )
            .bind(at.as_millisecond())
            .bind(reason.as_str())
            .bind(hook.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn write_events(events: &[WebhookEvent]) -> String {
    let words: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    words.join(" ")
}

/// One that only a later version knows is not told by this one.
fn read_events(words: &str) -> Vec<WebhookEvent> {
    words
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect()
}

/// No index counts so far that it would not fit.
fn write_revision(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}

fn read_hook(row: &AnyRow) -> Result<Webhook, StoreError> {
    let disabled_at = time_if_any(row, "disabled_at")?;
    let reason: Option<DisabledReason> = parsed_if_any(row, "disabled_reason", "reason")?;
    Ok(Webhook {
        id: parsed(row, "id", "webhook id")?,
        url: row.try_get("url")?,
        events: read_events(row.try_get("events")?),
        created_at: time(row, "created_at")?,
        failing_since: time_if_any(row, "failing_since")?,
        disabled: disabled_at
            .zip(reason)
            .map(|(at, reason)| Disabled { at, reason }),
    })
}

fn read_followed(row: &AnyRow) -> Result<Followed, StoreError> {
    Ok(Followed {
        id: parsed(row, "id", "webhook id")?,
        user: parsed(row, "user_id", "user id")?,
        events: read_events(row.try_get("events")?),
        secret: row.try_get("secret")?,
        seen: Revision(row.try_get::<i64, _>("seen_revision")?.unsigned_abs()),
    })
}
