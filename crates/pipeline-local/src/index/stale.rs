//! Work that nobody seems to be doing.

use jiff::Timestamp;
use platen_pipeline::FileRecord;

use super::{
    LocalIndex,
    row::{columns, record},
};

const OLDEST: &str = "SELECT rowid FROM files INDEXED BY files_pending
    WHERE pending_since < ? ORDER BY pending_since, rowid LIMIT ?";
const STAMP: &str = concat!(
    "UPDATE files SET updated_at = ? WHERE rowid = ? RETURNING ",
    columns!()
);

impl LocalIndex {
    pub(super) async fn stale(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> sqlx::Result<Vec<FileRecord>> {
        let now = self.database.now();
        let before = before.as_millisecond();
        self.database
            .write(
                move |connection| {
                    Box::pin(async move {
                        let oldest: Vec<i64> = sqlx::query_scalar(OLDEST)
                            .bind(before)
                            .bind(limit)
                            .fetch_all(&mut *connection)
                            .await?;
                        // One by one, because RETURNING keeps no order.
                        let mut records = Vec::with_capacity(oldest.len());
                        for rowid in oldest {
                            let row = sqlx::query(STAMP)
                                .bind(now)
                                .bind(rowid)
                                .fetch_one(&mut *connection)
                                .await?;
                            records.push(record(&row)?);
                        }
                        Ok(records)
                    })
                },
                |_| {},
            )
            .await
    }
}
