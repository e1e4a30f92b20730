//! Taking messages, and waiting for them without polling.

use std::time::Duration;

use platen_pipeline::Delivery;
use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};
use tokio::time::Instant;

use super::{DeadLetters, LocalQueue, receipt};
use crate::database::{millis, timestamp};

const VISIBLE: &str = "SELECT id, receives FROM messages INDEXED BY messages_by_turn
    WHERE queue = ?1 AND visible_at <= ?2 ORDER BY turn, id LIMIT ?3";
const DELIVER: &str = "UPDATE messages SET visible_at = ?2, receives = receives + 1
    WHERE id = ?1 RETURNING body, receives, sent_at, turn";
const BURY: &str = "UPDATE messages SET queue = ?2, turn = 0, receives = 0, visible_at = 0
    WHERE id = ?1";
const TURN: &str = "UPDATE queues SET turn = max(turn, ?2) WHERE queue = ?1";
const NEXT: &str = "SELECT min(visible_at) FROM messages WHERE queue = ?";

/// What one look at the queue found.
#[derive(Default)]
struct Look {
    deliveries: Vec<Delivery>,
    /// The latest turn among them.
    turn: i64,
    /// Some messages went to the dead-letter queue.
    buried: bool,
}

/// What a look needs to know.
#[derive(Clone)]
struct Request {
    queue: &'static str,
    dead_letters: Option<DeadLetters>,
    max: u16,
    now: i64,
    until: i64,
}

impl LocalQueue {
    pub(super) async fn wait_for(
        &self,
        max: u16,
        wait: Duration,
        visibility: Duration,
    ) -> sqlx::Result<Vec<Delivery>> {
        let end = Instant::now() + wait;
        if max == 0 {
            return Ok(Vec::new());
        }
        loop {
            // Listen before looking, so that nothing is sent unheard in between.
            let woken = self.wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();

            // Reading first spares the one writer of many look-ups that find nothing.
            let next: Option<i64> = sqlx::query_scalar(NEXT)
                .bind(self.name)
                .fetch_one(self.database.readers())
                .await?;
            let now = self.database.now();
            if next.is_some_and(|next| next <= now) {
                let deliveries = self.look(max, now, visibility).await?;
                if !deliveries.is_empty() {
                    return Ok(deliveries);
                }
                // Another receiver was faster, or all were dead letters: look again, for there
                // may be a later message to wait for.
                if Instant::now() < end {
                    continue;
                }
            }
            let next = next.map(timestamp).transpose()?;
            let visible = async {
                match next {
                    Some(next) => self.database.clock().sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = woken => {}
                () = visible => {}
                () = tokio::time::sleep_until(end) => return Ok(Vec::new()),
            }
        }
    }

    async fn look(&self, max: u16, now: i64, visibility: Duration) -> sqlx::Result<Vec<Delivery>> {
        let request = Request {
            queue: self.name,
            dead_letters: self.dead_letters.clone(),
            max,
            now,
            until: now.saturating_add(millis(visibility)),
        };
        let dead = self.dead_letters.as_ref().map(|dead| dead.wake.clone());
        let look = self
            .database
            .write(
                |connection| Box::pin(look(connection, request)),
                move |look| {
                    if let Some(dead) = dead
                        && look.buried
                    {
                        dead.notify_waiters();
                    }
                },
            )
            .await?;
        Ok(look.deliveries)
    }
}

async fn look(connection: &mut SqliteConnection, request: Request) -> sqlx::Result<Look> {
    let mut found = Look::default();
    loop {
        let visible = sqlx::query(VISIBLE)
            .bind(request.queue)
            .bind(request.now)
            .bind(request.max)
            .fetch_all(&mut *connection)
            .await?;
        for message in &visible {
            take(connection, &request, message, &mut found).await?;
        }
        // All of them may have been dead letters, and then there may be more behind them.
        if visible.is_empty() || !found.deliveries.is_empty() {
            break;
        }
    }
    sqlx::query(TURN)
        .bind(request.queue)
        .bind(found.turn)
        .execute(connection)
        .await?;
    Ok(found)
}

/// Delivers one visible message, or buries it.
async fn take(
    connection: &mut SqliteConnection,
    request: &Request,
    message: &SqliteRow,
    found: &mut Look,
) -> sqlx::Result<()> {
    let id: i64 = message.try_get("id")?;
    let receives: i64 = message.try_get("receives")?;
    if let Some(dead) = &request.dead_letters
        && receives >= i64::from(dead.max_receives)
    {
        tracing::warn!(
            message.id = id,
            receives,
            "message goes to the dead letters"
        );
        sqlx::query(BURY)
            .bind(id)
            .bind(dead.name)
            .execute(connection)
            .await?;
        found.buried = true;
        return Ok(());
    }
    let row = sqlx::query(DELIVER)
        .bind(id)
        .bind(request.until)
        .fetch_one(connection)
        .await?;
    let receives: i64 = row.try_get("receives")?;
    found.turn = found.turn.max(row.try_get("turn")?);
    found.deliveries.push(Delivery {
        body: row.try_get("body")?,
        receipt: receipt(id, receives),
        receive_count: u32::try_from(receives).unwrap_or(u32::MAX),
        sent_at: timestamp(row.try_get("sent_at")?)?,
    });
    Ok(())
}
