//! What is kept of files and users that are gone.

use platen_api_types::UserId;
use sqlx::SqliteConnection;

use super::{LocalIndex, bytes};

impl LocalIndex {
    pub(super) async fn forget_all(&self, user: UserId) -> sqlx::Result<bool> {
        self.database
            .write(move |connection| Box::pin(forget(connection, user)), |_| {})
            .await
    }
}

/// Counts need no forgetting: they go with the last file.
async fn forget(connection: &mut SqliteConnection, user: UserId) -> sqlx::Result<bool> {
    let user = bytes(user.as_uuid());
    let has_files: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM files WHERE user = ?)")
        .bind(&user)
        .fetch_one(&mut *connection)
        .await?;
    if has_files {
        return Ok(false);
    }
    sqlx::query("DELETE FROM removed WHERE user = ?")
        .bind(&user)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM idempotency WHERE user = ?")
        .bind(&user)
        .execute(connection)
        .await?;
    Ok(true)
}
