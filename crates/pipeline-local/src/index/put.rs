//! New files: idempotency, quota and the row in one transaction.

use platen_api_types::{FileStatus, UserId};
use platen_pipeline::{
    Change, FileKey, Idempotency, NewFile, Put, Quota, REMEMBERED, SearchText, write_options,
};
use sqlx::{Row as _, SqliteConnection};

use super::{
    LocalIndex, bytes,
    row::{change, columns, record},
};
use crate::database::millis;

/// What a put did; a creation also has to be announced.
enum Done {
    Created(Change),
    Not(Put),
}

impl LocalIndex {
    pub(super) async fn put(&self, new: NewFile, quota: Quota) -> sqlx::Result<Put> {
        let now = self.database.now();
        let news = self.news.clone();
        let done = self
            .database
            .write(
                move |connection| Box::pin(put(connection, new, quota, now)),
                move |done| {
                    if let Done::Created(change) = done {
                        news.announce(change);
                    }
                },
            )
            .await?;
        Ok(match done {
            Done::Created(change) => Put::Created(change.record),
            Done::Not(put) => put,
        })
    }
}

async fn put(
    connection: &mut SqliteConnection,
    new: NewFile,
    quota: Quota,
    now: i64,
) -> sqlx::Result<Done> {
    let key = FileKey {
        user: new.user,
        file: new.id,
    };
    if let Some(idempotency) = &new.idempotency
        && let Some(earlier) = earlier(connection, key, idempotency, now).await?
    {
        return Ok(Done::Not(earlier));
    }
    let files: Option<i64> = sqlx::query_scalar("SELECT files FROM usage WHERE user = ?")
        .bind(bytes(new.user.as_uuid()))
        .fetch_optional(&mut *connection)
        .await?;
    if files.unwrap_or(0).unsigned_abs() >= quota.files {
        return Ok(Done::Not(Put::QuotaExceeded));
    }
    if in_progress(connection, new.user).await? >= quota.in_progress {
        return Ok(Done::Not(Put::TooManyInProgress));
    }
    if let Some(idempotency) = &new.idempotency {
        remember(connection, key, idempotency, now).await?;
    }
    insert(connection, &new, now).await.map(Done::Created)
}

/// Counted from an index, and there are seldom many.
async fn in_progress(connection: &mut SqliteConnection, user: UserId) -> sqlx::Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM files WHERE user = ? AND state IN ('queued', 'rendering')",
    )
    .bind(bytes(user.as_uuid()))
    .fetch_one(connection)
    .await?;
    Ok(count.unsigned_abs())
}

/// What the key was used for before, unless that is forgotten.
async fn earlier(
    connection: &mut SqliteConnection,
    key: FileKey,
    idempotency: &Idempotency,
    now: i64,
) -> sqlx::Result<Option<Put>> {
    sqlx::query("DELETE FROM idempotency WHERE expires_at <= ?")
        .bind(now)
        .execute(&mut *connection)
        .await?;
    let Some(used) =
        sqlx::query("SELECT fingerprint, file FROM idempotency WHERE user = ? AND key = ?")
            .bind(bytes(key.user.as_uuid()))
            .bind(&idempotency.key)
            .fetch_optional(&mut *connection)
            .await?
    else {
        return Ok(None);
    };
    if used.try_get::<&[u8], _>("fingerprint")? != idempotency.fingerprint {
        return Ok(Some(Put::Conflict));
    }
    let file = sqlx::query(concat!(
        "SELECT ",
        columns!(),
        " FROM files WHERE user = ? AND file = ? AND state <> 'deleting'"
    ))
    .bind(bytes(key.user.as_uuid()))
    .bind(used.try_get::<Vec<u8>, _>("file")?)
    .fetch_optional(connection)
    .await?;
    Ok(Some(match file {
        Some(row) => Put::Repeated(record(&row)?),
        None => Put::Conflict,
    }))
}

async fn remember(
    connection: &mut SqliteConnection,
    key: FileKey,
    idempotency: &Idempotency,
    now: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO idempotency (user, key, fingerprint, file, expires_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(bytes(key.user.as_uuid()))
    .bind(&idempotency.key)
    .bind(idempotency.fingerprint.to_vec())
    .bind(bytes(key.file.as_uuid()))
    .bind(now.saturating_add(millis(REMEMBERED)))
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    new: &NewFile,
    now: i64,
) -> sqlx::Result<Change> {
    let options = write_options(&new.options).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let search = SearchText::new(None, &new.url, new.name.as_str());
    let row = sqlx::query(concat!(
        "INSERT INTO files
             (user, file, name, url, options, state, created_at, updated_at, revision, search)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT value + 1 FROM sequence), ?)
         RETURNING ",
        columns!()
    ))
    .bind(bytes(new.user.as_uuid()))
    .bind(bytes(new.id.as_uuid()))
    .bind(new.name.as_str())
    .bind(&new.url)
    .bind(options)
    .bind(FileStatus::Queued.as_str())
    .bind(now)
    .bind(now)
    .bind(search.as_str())
    .fetch_one(connection)
    .await?;
    change(&row)
}
