//! Every step of a file that exists, as one conditional statement each.

use std::time::Duration;

use platen_api_types::Stage;
use platen_pipeline::{
    Change, Claim, FencingToken, FileKey, FileRecord, FileState, Finish, Outcome, REMEMBERED,
    SearchText,
};
use sqlx::{Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

use super::{
    LocalIndex, bytes,
    row::{change, columns, record},
};
use crate::database::millis;

/// `UPDATE files SET … , revision = the next WHERE user = ?1 AND file = ?2 AND …`
macro_rules! transition {
    ($set:literal, $when:literal) => {
        concat!(
            "UPDATE files SET revision = (SELECT value + 1 FROM sequence), ",
            $set,
            " WHERE user = ?1 AND file = ?2 AND ",
            $when,
            " RETURNING ",
            columns!()
        )
    };
}

const CLAIM: &str = transition!(
    "state = 'rendering', token = token + 1, attempts = attempts + 1, lease_until = ?4,
     stage = NULL, updated_at = ?3",
    "(state = 'queued' OR (state = 'rendering' AND lease_until <= ?3))"
);
const ADVANCE: &str = transition!(
    "stage = ?5, updated_at = ?3",
    "state = 'rendering' AND token = ?4"
);
const RELEASE: &str = transition!(
    "state = 'queued', lease_until = NULL, stage = NULL, updated_at = ?3",
    "state = 'rendering' AND token = ?4"
);
const READY: &str = transition!(
    "state = 'ready', lease_until = NULL, stage = NULL, updated_at = ?3, finished_at = ?3, title = ?5,
     final_url = ?6, pages = ?7, size = ?8, sha256 = ?9, search = ?10",
    "state = 'rendering' AND token = ?4"
);
const FAILED: &str = transition!(
    "state = 'failed', lease_until = NULL, stage = NULL, updated_at = ?3, finished_at = ?3,
     failure_code = ?5, failure_detail = ?6",
    "state = 'rendering' AND token = ?4"
);
const REQUEUE: &str = transition!(
    "state = 'queued', attempts = 0, updated_at = ?3, finished_at = NULL, failure_code = NULL,
     failure_detail = NULL",
    "state = 'failed'"
);
const DOOM: &str = transition!(
    "state = 'deleting', lease_until = NULL, stage = NULL, updated_at = ?3",
    "state <> 'deleting'"
);
const RENEW: &str = "UPDATE files SET lease_until = ?4, updated_at = ?3
    WHERE user = ?1 AND file = ?2 AND state = 'rendering' AND token = ?5";
const FIND: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM files WHERE user = ?1 AND file = ?2"
);

type Statement = Query<'static, Sqlite, SqliteArguments>;

fn statement(sql: &'static str, key: FileKey) -> Statement {
    sqlx::query(sql)
        .bind(bytes(key.user.as_uuid()))
        .bind(bytes(key.file.as_uuid()))
}

fn number(token: FencingToken) -> i64 {
    // Larger ones were never given out and match nothing.
    i64::try_from(token.0).unwrap_or(i64::MAX)
}

fn finish(written: bool) -> Finish {
    if written {
        Finish::Recorded
    } else {
        Finish::Superseded
    }
}

async fn find(connection: &mut SqliteConnection, key: FileKey) -> sqlx::Result<Option<FileRecord>> {
    let row = statement(FIND, key).fetch_optional(connection).await?;
    row.as_ref().map(record).transpose()
}

impl LocalIndex {
    /// Runs one of the statements above; `None` when its condition does not hold.
    async fn transition(&self, statement: Statement) -> sqlx::Result<Option<Change>> {
        let news = self.news.clone();
        self.database
            .write(
                |connection| {
                    Box::pin(async move {
                        let row = statement.fetch_optional(connection).await?;
                        row.as_ref().map(change).transpose()
                    })
                },
                move |change| {
                    if let Some(change) = change {
                        news.announce(change);
                    }
                },
            )
            .await
    }

    pub(super) async fn find(&self, key: FileKey) -> sqlx::Result<Option<FileRecord>> {
        find(&mut *self.database.readers().acquire().await?, key).await
    }

    pub(super) async fn take(&self, key: FileKey, lease: Duration) -> sqlx::Result<Claim> {
        let now = self.database.now();
        let until = now.saturating_add(millis(lease));
        let news = self.news.clone();
        let done = self
            .database
            .write(
                move |connection| {
                    Box::pin(async move {
                        let claim = statement(CLAIM, key).bind(now).bind(until);
                        if let Some(row) = claim.fetch_optional(&mut *connection).await? {
                            return Ok(Ok(change(&row)?));
                        }
                        // In the same transaction: why not, as of that moment.
                        Ok(Err(find(connection, key).await?))
                    })
                },
                move |done| {
                    if let Ok(change) = done {
                        news.announce(change);
                    }
                },
            )
            .await?;
        Ok(match done {
            Ok(change) => Claim::Claimed(change.record),
            Err(None) => Claim::Missing,
            Err(Some(record)) => match record.state {
                FileState::Rendering { lease, .. } => Claim::Busy { until: lease.until },
                FileState::Ready { .. } | FileState::Failed { .. } => Claim::Finished(record),
                // The statement takes every queued file, so only this is left.
                FileState::Queued | FileState::Deleting => Claim::Deleting,
            },
        })
    }

    pub(super) async fn prolong(
        &self,
        key: FileKey,
        token: FencingToken,
        lease: Duration,
    ) -> sqlx::Result<Finish> {
        let now = self.database.now();
        let renew = statement(RENEW, key)
            .bind(now)
            .bind(now.saturating_add(millis(lease)))
            .bind(number(token));
        let rows = self
            .database
            .write(
                |connection| {
                    Box::pin(async move { Ok(renew.execute(connection).await?.rows_affected()) })
                },
                |_| {},
            )
            .await?;
        Ok(finish(rows > 0))
    }

    pub(super) async fn tell(
        &self,
        key: FileKey,
        token: FencingToken,
        stage: Stage,
    ) -> sqlx::Result<Finish> {
        let advance = statement(ADVANCE, key)
            .bind(self.database.now())
            .bind(number(token))
            .bind(stage.as_str());
        Ok(finish(self.transition(advance).await?.is_some()))
    }

    pub(super) async fn give_back(
        &self,
        key: FileKey,
        token: FencingToken,
    ) -> sqlx::Result<Finish> {
        let release = statement(RELEASE, key)
            .bind(self.database.now())
            .bind(number(token));
        Ok(finish(self.transition(release).await?.is_some()))
    }

    pub(super) async fn record(
        &self,
        key: FileKey,
        token: FencingToken,
        outcome: Outcome,
    ) -> sqlx::Result<Finish> {
        let now = self.database.now();
        match outcome {
            Outcome::Failed(failure) => {
                let failed = statement(FAILED, key)
                    .bind(now)
                    .bind(number(token))
                    .bind(failure.code.as_str())
                    .bind(failure.detail);
                Ok(finish(self.transition(failed).await?.is_some()))
            }
            Outcome::Ready(pdf) => {
                // The search text holds URL and name as well, and they never change.
                let Some(file) = self.find(key).await? else {
                    return Ok(Finish::Superseded);
                };
                let search = SearchText::new(pdf.title.as_deref(), &file.url, file.name.as_str());
                let ready = statement(READY, key)
                    .bind(now)
                    .bind(number(token))
                    .bind(pdf.title)
                    .bind(pdf.final_url)
                    .bind(i64::from(pdf.pages))
                    .bind(i64::try_from(pdf.size).unwrap_or(i64::MAX))
                    .bind(pdf.sha256.to_vec())
                    .bind(search.as_str().to_owned());
                Ok(finish(self.transition(ready).await?.is_some()))
            }
        }
    }

    pub(super) async fn try_again(&self, key: FileKey) -> sqlx::Result<Option<FileRecord>> {
        let requeue = statement(REQUEUE, key).bind(self.database.now());
        let change = self.transition(requeue).await?;
        Ok(change.map(|change| change.record))
    }

    pub(super) async fn doom(&self, key: FileKey) -> sqlx::Result<Option<FileRecord>> {
        let doom = statement(DOOM, key).bind(self.database.now());
        match self.transition(doom).await? {
            Some(change) => Ok(Some(change.record)),
            // Not there, or doomed before.
            None => self.find(key).await,
        }
    }

    pub(super) async fn forget(&self, key: FileKey) -> sqlx::Result<()> {
        let now = self.database.now();
        self.database
            .write(
                move |connection| Box::pin(forget(connection, key, now)),
                |()| {},
            )
            .await
    }
}

async fn forget(connection: &mut SqliteConnection, key: FileKey, now: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM removed WHERE removed_at <= ?")
        .bind(now.saturating_sub(millis(REMEMBERED)))
        .execute(&mut *connection)
        .await?;
    statement(
        "INSERT INTO removed
             (user, file, name, token, created_at, updated_at, revision, removed_at)
         SELECT user, file, name, token, created_at, updated_at, revision, ?3 FROM files
         WHERE user = ?1 AND file = ?2 AND state = 'deleting'",
        key,
    )
    .bind(now)
    .execute(&mut *connection)
    .await?;
    statement(
        "DELETE FROM files WHERE user = ?1 AND file = ?2 AND state = 'deleting'",
        key,
    )
    .execute(connection)
    .await?;
    Ok(())
}
