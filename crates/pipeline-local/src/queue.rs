//! [`ConversionQueue`] on SQLite.

mod receive;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use platen_pipeline::{ConversionQueue, Delivery, Message, QueueError, Receipt};
use tokio::sync::Notify;

use crate::database::{Database, is_transient, millis};

/// A queue in `pipeline.db`.
///
/// Users take turns: however many messages one of them has waiting, the first of another is
/// delivered next but one (start-time fair queueing with the user as the flow).
#[derive(Clone, Debug)]
pub struct LocalQueue {
    database: Database,
    name: &'static str,
    dead_letters: Option<DeadLetters>,
    /// Woken whenever a message may have become visible earlier than thought.
    wake: Arc<Notify>,
}

/// Where messages go that were delivered too often.
#[derive(Clone, Debug)]
struct DeadLetters {
    name: &'static str,
    wake: Arc<Notify>,
    max_receives: u32,
}

const SEND: &str = "INSERT INTO messages (queue, user, file, body, sent_at, visible_at, turn)
    VALUES (?1, ?2, ?3, ?4, ?5, 0, 1 + max(
        (SELECT turn FROM queues WHERE queue = ?1),
        coalesce((SELECT max(turn) FROM messages WHERE queue = ?1 AND user = ?2), 0)
    ))";
const EXTEND: &str =
    "UPDATE messages SET visible_at = ?4 WHERE queue = ?1 AND id = ?2 AND receives = ?3";
const ACK: &str = "DELETE FROM messages WHERE queue = ?1 AND id = ?2 AND receives = ?3";

/// Visible whatever the clock shows: what nobody has in hand does not wait for a clock that was
/// set back.
const AT_ONCE: i64 = 0;

impl LocalQueue {
    /// The work queue and the one it moves to what was delivered `max_receives` times.
    pub(crate) fn pair(database: &Database, max_receives: u32) -> (Self, Self) {
        let dead = Self {
            database: database.clone(),
            name: "dead",
            dead_letters: None,
            wake: Arc::default(),
        };
        let work = Self {
            database: database.clone(),
            name: "work",
            dead_letters: Some(DeadLetters {
                name: dead.name,
                wake: dead.wake.clone(),
                max_receives: max_receives.max(1),
            }),
            wake: Arc::default(),
        };
        (work, dead)
    }

    /// Runs one statement on the message of a receipt and wakes up who waits for it.
    async fn settle(
        &self,
        sql: &'static str,
        receipt: &Receipt,
        visible_at: Option<i64>,
    ) -> Result<(), QueueError> {
        let Some((id, receives)) = parse(receipt) else {
            return Ok(());
        };
        let mut statement = sqlx::query(sql).bind(self.name).bind(id).bind(receives);
        if let Some(visible_at) = visible_at {
            statement = statement.bind(visible_at);
        }
        let wake = self.wake.clone();
        self.database
            .write(
                |connection| {
                    Box::pin(async move {
                        statement.execute(connection).await?;
                        Ok(())
                    })
                },
                move |()| wake.notify_waiters(),
            )
            .await
            .map_err(queue_error)
    }
}

/// Message and number of the delivery.
fn receipt(id: i64, receives: i64) -> Receipt {
    Receipt(format!("{id}.{receives}"))
}

fn parse(receipt: &Receipt) -> Option<(i64, i64)> {
    let (id, receives) = receipt.0.split_once('.')?;
    Some((id.parse().ok()?, receives.parse().ok()?))
}

fn queue_error(error: sqlx::Error) -> QueueError {
    if is_transient(&error) {
        QueueError::Unavailable(Box::new(error))
    } else {
        QueueError::Failed(Box::new(error))
    }
}

#[async_trait]
impl ConversionQueue for LocalQueue {
    async fn send(&self, message: &Message) -> Result<(), QueueError> {
        let send = sqlx::query(SEND)
            .bind(self.name)
            .bind(message.user.as_uuid().as_bytes().to_vec())
            .bind(message.file.as_uuid().as_bytes().to_vec())
            .bind(message.to_json())
            .bind(self.database.now());
        let wake = self.wake.clone();
        self.database
            .write(
                |connection| {
                    Box::pin(async move {
                        send.execute(connection).await?;
                        Ok(())
                    })
                },
                move |()| wake.notify_waiters(),
            )
            .await
            .map_err(queue_error)
    }

    async fn receive(
        &self,
        max: u16,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        self.wait_for(max, wait, visibility)
            .await
            .map_err(queue_error)
    }

    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        let visible_at = if visibility.is_zero() {
            AT_ONCE
        } else {
            self.database.now().saturating_add(millis(visibility))
        };
        self.settle(EXTEND, receipt, Some(visible_at)).await
    }

    async fn ack(&self, receipt: &Receipt) -> Result<(), QueueError> {
        self.settle(ACK, receipt, None).await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        sqlx::query_scalar::<_, i64>("SELECT turn FROM queues WHERE queue = ?")
            .bind(self.name)
            .fetch_one(self.database.readers())
            .await
            .map(drop)
            .map_err(queue_error)
    }
}
