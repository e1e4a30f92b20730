//! Deliveries in the database: what is still to be tried, and the log.

use jiff::Timestamp;
use platen_api_types::{
    Delivery, DeliveryError, DeliveryId, DeliveryStatus, FileId, WebhookEvent, WebhookId,
};
use sqlx::{Row, any::AnyRow};
use uuid::Uuid;

use super::WebhookStore;
use crate::accounts::{
    StoreError,
    row::{parsed, parsed_if_any, time, time_if_any},
};

/// Something that a webhook is to be told.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    pub id: DeliveryId,
    pub hook: WebhookId,
    pub file: FileId,
    pub event: WebhookEvent,
    /// When the file came to its end: the same end is told once.
    pub ended_at: Timestamp,
    pub created_at: Timestamp,
    pub body: String,
}

/// What became of a new delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryInserted {
    Created,
    /// It was put down before.
    Known,
    /// The webhook was deleted or disabled meanwhile.
    NotWanted,
}

/// An attempt that is this server's to make, for as long as its lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub id: DeliveryId,
    pub hook: WebhookId,
    /// 1 for the first. Who knows it may say what became of the attempt.
    pub number: u32,
    pub url: String,
    /// Sealed.
    pub secret: String,
    pub body: String,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    pub at: Timestamp,
    pub response_status: Option<u16>,
    /// `None`: it got through.
    pub error: Option<DeliveryError>,
    /// When to try again, if at all.
    pub again_at: Option<Timestamp>,
}

impl WebhookStore {
    pub async fn insert_delivery(&self, new: &NewDelivery) -> Result<DeliveryInserted, StoreError> {
        let inserted = self
            .database
            .query(
                "INSERT INTO webhook_deliveries (id, webhook_id, file_id, event, ended_at, \
                 created_at, status, attempts, next_attempt_at, body) \
                 SELECT ?, id, ?, ?, ?, ?, 'pending', 0, ?, ? FROM webhooks \
                 WHERE id = ? AND disabled_at IS NULL",
            )
            .bind(new.id.to_string())
            .bind(new.file.to_string())
            .bind(new.event.as_str())
            .bind(new.ended_at.as_millisecond())
            .bind(new.created_at.as_millisecond())
            .bind(new.created_at.as_millisecond())
            .bind(new.body.as_str())
            .bind(new.hook.to_string())
            .execute(self.database.pool())
            .await;
        match inserted {
            Ok(inserted) if inserted.rows_affected() > 0 => Ok(DeliveryInserted::Created),
            Ok(_) => Ok(DeliveryInserted::NotWanted),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Ok(DeliveryInserted::Known)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Webhooks to be called now. Those waiting longest come first, however much they wait for.
    pub async fn due_hooks(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<WebhookId>, StoreError> {
        let rows = self
            .database
            .query(
                "SELECT d.webhook_id, MIN(d.next_attempt_at) AS waiting_since \
                 FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id \
                 WHERE d.next_attempt_at <= ? AND w.disabled_at IS NULL \
                 GROUP BY d.webhook_id ORDER BY waiting_since LIMIT ?",
            )
            .bind(now.as_millisecond())
            .bind(i64::from(limit))
            .fetch_all(self.database.pool())
            .await?;
        rows.iter()
            .map(|row| parsed(row, "webhook_id", "webhook id"))
            .collect()
    }

    /// When the next attempt that is not due yet will be.
    pub async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let row = self
            .database
            .query(
                "SELECT MIN(next_attempt_at) AS next FROM webhook_deliveries \
                 WHERE next_attempt_at > ?",
            )
            .bind(now.as_millisecond())
            .fetch_one(self.database.pool())
            .await?;
        time_if_any(&row, "next")
    }

    /// Takes the delivery of a webhook that has been due longest, until `until`. `None`: there is
    /// none, or other servers were faster.
    pub async fn claim_due(
        &self,
        hook: WebhookId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Attempt>, StoreError> {
        /// How many to look at: at one moment, no more servers than that reach for the same.
        const CANDIDATES: i64 = 10;
        let rows = self
            .database
            .query(
                "SELECT d.id, d.attempts, d.next_attempt_at, d.body, w.url, w.secret \
                 FROM webhook_deliveries d \
                 JOIN webhooks w ON w.id = d.webhook_id \
                 WHERE d.webhook_id = ? AND d.next_attempt_at <= ? AND w.disabled_at IS NULL \
                 ORDER BY d.next_attempt_at, d.id LIMIT ?",
            )
            .bind(hook.to_string())
            .bind(now.as_millisecond())
            .bind(CANDIDATES)
            .fetch_all(self.database.pool())
            .await?;
        for row in &rows {
            let attempts: i64 = row.try_get("attempts")?;
            let claimed = self
                .database
                .query(
                    "UPDATE webhook_deliveries SET next_attempt_at = ?, attempts = attempts + 1 \
                     WHERE id = ? AND attempts = ? AND next_attempt_at = ?",
                )
                .bind(until.as_millisecond())
                .bind(row.try_get::<String, _>("id")?)
                .bind(attempts)
                .bind(row.try_get::<i64, _>("next_attempt_at")?)
                .execute(self.database.pool())
                .await?;
            if claimed.rows_affected() > 0 {
                return Ok(Some(Attempt {
                    id: parsed(row, "id", "delivery id")?,
                    hook,
                    number: read_count(attempts + 1)?,
                    url: row.try_get("url")?,
                    secret: row.try_get("secret")?,
                    body: row.try_get("body")?,
                }));
            }
        }
        Ok(None)
    }

    /// Gives an attempt back that was not made: it counts for nothing, and is due at that time.
    pub async fn hand_back(&self, attempt: &Attempt, due_at: Timestamp) -> Result<(), StoreError> {
        self.database
            .query(
                "UPDATE webhook_deliveries SET next_attempt_at = ?, attempts = attempts - 1 \
                 WHERE id = ? AND attempts = ? AND status = 'pending'",
            )
            .bind(due_at.as_millisecond())
            .bind(attempt.id.to_string())
            .bind(i64::from(attempt.number))
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// Writes down what became of an attempt, unless another has been begun since. Tells since when
    /// nothing has got through to the webhook.
    pub async fn tried(
        &self,
        attempt: &Attempt,
        tried: &Tried,
    ) -> Result<Option<Timestamp>, StoreError> {
        let status = match (tried.error, tried.again_at) {
            (None, _) => DeliveryStatus::Delivered,
            (Some(_), Some(_)) => DeliveryStatus::Pending,
            (Some(_), None) => DeliveryStatus::Failed,
        };
        let body = (status == DeliveryStatus::Pending).then_some(attempt.body.as_str());
        let mut transaction = self.database.pool().begin().await?;
        let updated = self
            .database
            .query(
                "UPDATE webhook_deliveries SET status = ?, last_attempt_at = ?, \
                 next_attempt_at = ?, response_status = ?, error = ?, body = ? \
                 WHERE id = ? AND attempts = ? AND status = 'pending'",
            )
            .bind(status.as_str())
            .bind(tried.at.as_millisecond())
            .bind(tried.again_at.map(Timestamp::as_millisecond))
            .bind(tried.response_status.map(i64::from))
            .bind(tried.error.map(DeliveryError::as_str))
            .bind(body)
            .bind(attempt.id.to_string())
            .bind(i64::from(attempt.number))
            .execute(&mut *transaction)
            .await?;
        if updated.rows_affected() > 0 {
            let noted = if tried.error.is_some() {
                self.database
                    .query(
                        "UPDATE webhooks SET failing_since = ? \
                         WHERE id = ? AND failing_since IS NULL",
                    )
                    .bind(tried.at.as_millisecond())
            } else {
                self.database.query(
                    "UPDATE webhooks SET failing_since = NULL \
                     WHERE id = ? AND failing_since IS NOT NULL",
                )
            };
            noted
                .bind(attempt.hook.to_string())
                .execute(&mut *transaction)
                .await?;
        }
        let row = self
            .database
            .query("SELECT failing_since FROM webhooks WHERE id = ?")
            .bind(attempt.hook.to_string())
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        match row {
            Some(row) => time_if_any(&row, "failing_since"),
            None => Ok(None),
        }
    }

    /// Newest first, those older than `after`.
    pub async fn deliveries(
        &self,
        hook: WebhookId,
        after: Option<DeliveryId>,
        limit: u16,
    ) -> Result<Vec<Delivery>, StoreError> {
        let before = after.map_or(Uuid::max(), |id| *id.as_uuid());
        let rows = self
            .database
            .query(
                "SELECT id, event, file_id, status, attempts, created_at, last_attempt_at, \
                 next_attempt_at, response_status, error FROM webhook_deliveries \
                 WHERE webhook_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            )
            .bind(hook.to_string())
            .bind(before.to_string())
            .bind(i64::from(limit))
            .fetch_all(self.database.pool())
            .await?;
        rows.iter().map(read_delivery).collect()
    }

    /// Forgets deliveries made before that time, and of each webhook all but the newest `most`,
    /// except those still to be tried.
    pub async fn prune(&self, before: Timestamp, most: u16) -> Result<(), StoreError> {
        self.database
            .query("DELETE FROM webhook_deliveries WHERE created_at < ?")
            .bind(before.as_millisecond())
            .execute(self.database.pool())
            .await?;
        let long = self
            .database
            .query(
                "SELECT webhook_id FROM webhook_deliveries \
                 GROUP BY webhook_id HAVING COUNT(*) > ?",
            )
            .bind(i64::from(most))
            .fetch_all(self.database.pool())
            .await?;
        for row in &long {
            let hook: String = row.try_get("webhook_id")?;
            self.shorten(&hook, most).await?;
        }
        Ok(())
    }

    async fn shorten(&self, hook: &str, most: u16) -> Result<(), StoreError> {
        let newest_to_go = self
            .database
            .query(
                "SELECT id FROM webhook_deliveries WHERE webhook_id = ? \
                 ORDER BY id DESC LIMIT 1 OFFSET ?",
            )
            .bind(hook)
            .bind(i64::from(most))
            .fetch_optional(self.database.pool())
            .await?;
        let Some(row) = newest_to_go else {
            return Ok(());
        };
        self.database
            .query(
                "DELETE FROM webhook_deliveries \
                 WHERE webhook_id = ? AND id <= ? AND status <> 'pending'",
            )
            .bind(hook)
            .bind(row.try_get::<String, _>("id")?)
            .execute(self.database.pool())
            .await?;
        Ok(())
    }
}

fn read_count(count: i64) -> Result<u32, StoreError> {
    u32::try_from(count).map_err(|_| StoreError::Corrupt("number of attempts"))
}

fn read_delivery(row: &AnyRow) -> Result<Delivery, StoreError> {
    let response_status: Option<i64> = row.try_get("response_status")?;
    Ok(Delivery {
        id: parsed(row, "id", "delivery id")?,
        event: parsed(row, "event", "event")?,
        file_id: parsed(row, "file_id", "file id")?,
        status: parsed(row, "status", "status of a delivery")?,
        attempts: read_count(row.try_get("attempts")?)?,
        created_at: time(row, "created_at")?,
        last_attempt_at: time_if_any(row, "last_attempt_at")?,
        next_attempt_at: time_if_any(row, "next_attempt_at")?,
        response_status: response_status.and_then(|status| u16::try_from(status).ok()),
        error: parsed_if_any(row, "error", "error of a delivery")?,
    })
}
