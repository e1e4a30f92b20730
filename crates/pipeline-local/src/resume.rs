//! What a start finds of the process before.

use platen_api_types::FileStatus;
use platen_pipeline::{ConversionQueue, Message, QueueError};
use sqlx::Row as _;

use crate::{LocalQueue, database::Database, index::key};

/// Why it could not be taken up.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Queue(#[from] QueueError),
}

const FREE: &str =
    "UPDATE files SET lease_until = ?1 WHERE state = 'rendering' AND lease_until > ?1";
const SHOW: &str = "UPDATE messages SET visible_at = 0";
const UNSENT: &str = "SELECT user, file, state FROM files INDEXED BY files_pending
    WHERE pending_since IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.file = files.file)
    ORDER BY pending_since";

/// Nobody else can be working: all leases end, all messages appear, and where a crash came between
/// record and message, the message is sent.
pub(crate) async fn resume(database: &Database, queue: &LocalQueue) -> Result<(), ResumeError> {
    let now = database.now();
    database
        .write(
            move |connection| {
                Box::pin(async move {
                    sqlx::query(FREE)
                        .bind(now)
                        .execute(&mut *connection)
                        .await?;
                    sqlx::query(SHOW).execute(connection).await?;
                    Ok(())
                })
            },
            |()| {},
        )
        .await?;
    let unsent = sqlx::query(UNSENT).fetch_all(database.readers()).await?;
    for row in &unsent {
        let file = key(row)?;
        let message = if row.try_get::<&str, _>("state")? == FileStatus::Deleting.as_str() {
            Message::delete(file.user, file.file)
        } else {
            Message::convert(file.user, file.file)
        };
        queue.send(&message).await?;
    }
    if !unsent.is_empty() {
        tracing::info!(
            files = unsent.len(),
            "sent what a crash had kept from being sent"
        );
    }
    Ok(())
}
