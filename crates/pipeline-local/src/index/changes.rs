//! A user's files as they change.

use std::collections::VecDeque;

use futures::{StreamExt, stream, stream::BoxStream};
use platen_api_types::UserId;
use platen_pipeline::{Change, IndexError, Revision};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{
    LocalIndex, bytes, index_error,
    row::{change, columns},
};

/// Both tables, by revision. Of a removed file only id and name are left.
const SINCE: &str = concat!(
    "SELECT * FROM (SELECT ",
    columns!(),
    " FROM files WHERE user = ?1 AND revision > ?2 ORDER BY revision LIMIT ?3)
     UNION ALL
     SELECT * FROM (SELECT user, file, name, '' AS url, '{}' AS options, 'deleting' AS state, token,
         0 AS attempts, NULL AS lease_until, NULL AS stage, NULL AS title, NULL AS final_url,
         NULL AS pages, NULL AS size, NULL AS sha256, NULL AS failure_code, NULL AS failure_detail,
         NULL AS finished_at, created_at, updated_at, revision
     FROM removed WHERE user = ?1 AND revision > ?2 ORDER BY revision LIMIT ?3)
     ORDER BY revision LIMIT ?3"
);

/// Changes read at once.
const BATCH: u16 = 100;

struct Follower {
    index: LocalIndex,
    user: UserId,
    news: broadcast::Receiver<(UserId, Revision)>,
    /// The newest change that was read.
    seen: Revision,
    /// There may be some after it.
    behind: bool,
    ready: VecDeque<Change>,
}

impl LocalIndex {
    pub(super) fn follow(
        &self,
        user: UserId,
        after: Option<Revision>,
    ) -> BoxStream<'static, Result<Change, IndexError>> {
        // In this order: what is announced in between is seen twice, never missed.
        let news = self.news.sender.subscribe();
        let latest = self.news.latest();
        let follower = Follower {
            index: self.clone(),
            user,
            news,
            seen: after.map_or(latest, |after| after.min(latest)),
            behind: after.is_some(),
            ready: VecDeque::new(),
        };
        stream::unfold(Some(follower), |follower| async move {
            let mut follower = follower?;
            match follower.next().await {
                Ok(change) => Some((Ok(change?), Some(follower))),
                Err(error) => Some((Err(index_error(error)), None)),
            }
        })
        .boxed()
    }
}

impl Follower {
    /// `None`: the index is gone.
    async fn next(&mut self) -> sqlx::Result<Option<Change>> {
        loop {
            if let Some(change) = self.ready.pop_front() {
                return Ok(Some(change));
            }
            if self.behind {
                self.read().await?;
                continue;
            }
            match self.news.recv().await {
                Ok((user, revision)) => {
                    self.behind = user == self.user && revision > self.seen;
                }
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return Ok(None),
            }
        }
    }

    async fn read(&mut self) -> sqlx::Result<()> {
        let rows = sqlx::query(SINCE)
            .bind(bytes(self.user.as_uuid()))
            .bind(i64::try_from(self.seen.0).unwrap_or(i64::MAX))
            .bind(BATCH)
            .fetch_all(self.index.database.readers())
            .await?;
        for row in &rows {
            let change = change(row)?;
            self.seen = change.revision;
            self.ready.push_back(change);
        }
        self.behind = rows.len() == usize::from(BATCH);
        Ok(())
    }
}
