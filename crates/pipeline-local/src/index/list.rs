//! Reading a user's files.

use platen_api_types::{Order, UserId};
use platen_pipeline::{FileName, FileQuery, FileRecord, Page, SearchText};

use super::{
    LocalIndex, bytes,
    row::{columns, record},
};

/// `SELECT … WHERE user = ?1 AND file < ?2 AND … ORDER BY file DESC`, at most `?3`; or `>` and `ASC`.
macro_rules! listing {
    ($index:literal, $after:literal, $order:literal, $when:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM files INDEXED BY ",
            $index,
            " WHERE user = ?1 AND file ",
            $after,
            " ?2 AND state <> 'deleting'",
            $when,
            " ORDER BY file ",
            $order,
            " LIMIT ?3"
        )
    };
}

/// The same, but rows are looked up only once the index alone has found them.
macro_rules! search {
    ($after:literal, $order:literal, $when:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM files WHERE user = ?1 AND file IN (
                 SELECT file FROM files INDEXED BY files_searched
                 WHERE user = ?1 AND file ",
            $after,
            " ?2 AND state <> 'deleting'
                     AND instr(search, ?4) > 0",
            $when,
            " ORDER BY file ",
            $order,
            " LIMIT ?3)
             ORDER BY file ",
            $order
        )
    };
}

/// The statements of one order. One per shape of query: each has its own best index, and none leaves
/// it to a planner that knows nothing of the parameters.
struct Statements {
    all: &'static str,
    by_state: &'static str,
    by_text: &'static str,
    by_text_and_state: &'static str,
    /// Every id comes after it.
    start: &'static [u8],
}

macro_rules! statements {
    ($after:literal, $order:literal, $start:expr) => {
        Statements {
            all: listing!("files_listed", $after, $order, ""),
            by_state: listing!("files_by_state", $after, $order, " AND state = ?4"),
            by_text: search!($after, $order, ""),
            by_text_and_state: search!($after, $order, " AND state = ?5"),
            start: $start,
        }
    };
}

static NEWEST_FIRST: Statements = statements!("<", "DESC", &[0xff; 17]);
static OLDEST_FIRST: Statements = statements!(">", "ASC", &[]);

impl LocalIndex {
    pub(super) async fn list(&self, user: UserId, query: &FileQuery) -> sqlx::Result<Page> {
        let limit = usize::from(query.limit);
        let needle = match query.text.as_deref().filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => match SearchText::needle(text) {
                Some(needle) => Some(needle),
                None => return Ok(Page::default()),
            },
        };
        let statements = match query.order {
            Order::Newest => &NEWEST_FIRST,
            Order::Oldest => &OLDEST_FIRST,
        };
        let sql = match (&needle, query.status) {
            (None, None) => statements.all,
            (None, Some(_)) => statements.by_state,
            (Some(_), None) => statements.by_text,
            (Some(_), Some(_)) => statements.by_text_and_state,
        };
        let mut statement = sqlx::query(sql)
            .bind(bytes(user.as_uuid()))
            .bind(match query.after {
                Some(after) => bytes(after.as_uuid()),
                None => statements.start.to_vec(),
            })
            // One more tells whether there are more.
            .bind(i64::from(query.limit) + 1);
        if let Some(needle) = needle {
            statement = statement.bind(needle);
        }
        if let Some(status) = query.status {
            statement = statement.bind(status.as_str());
        }
        let rows = statement.fetch_all(self.database.readers()).await?;
        Ok(Page {
            files: rows
                .iter()
                .take(limit)
                .map(record)
                .collect::<sqlx::Result<_>>()?,
            more: rows.len() > limit,
        })
    }

    pub(super) async fn find_by_name(
        &self,
        user: UserId,
        name: &FileName,
    ) -> sqlx::Result<Option<FileRecord>> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM files WHERE user = ?1 AND name = ?2 AND state <> 'deleting'"
        ))
        .bind(bytes(user.as_uuid()))
        .bind(name.as_str())
        .fetch_optional(self.database.readers())
        .await?;
        row.as_ref().map(record).transpose()
    }

    pub(super) async fn usage(&self, user: UserId) -> sqlx::Result<u64> {
        let files: Option<i64> = sqlx::query_scalar("SELECT files FROM usage WHERE user = ?")
            .bind(bytes(user.as_uuid()))
            .fetch_optional(self.database.readers())
            .await?;
        Ok(files.unwrap_or(0).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use platen_pipeline::contract::ManualClock;
    use sqlx::{AssertSqlSafe, Row as _};

    use super::*;
    use crate::{LocalPipeline, LocalSettings};

    /// Each statement finds its rows, in order, through the index made for it: the size of the
    /// library does not matter, except to a search, which reads one narrow index and nothing else.
    #[tokio::test]
    async fn lists_are_read_through_their_indices() {
        let folder = tempfile::TempDir::new().unwrap();
        let settings = LocalSettings::default();
        let pipeline = LocalPipeline::open(folder.path(), ManualClock::new(), settings)
            .await
            .unwrap();
        let by_text = |file: &str| {
            vec![
                "SEARCH files USING INDEX files_by_id (user=? AND file=?)".to_owned(),
                format!("SEARCH files USING COVERING INDEX files_searched (user=? AND {file})"),
            ]
        };
        let plans = [(&NEWEST_FIRST, "file<?"), (&OLDEST_FIRST, "file>?")];
        for (sql, expected) in plans.iter().flat_map(|(statements, file)| {
            let listed = format!("SEARCH files USING INDEX files_listed (user=? AND {file})");
            let of_state =
                format!("SEARCH files USING INDEX files_by_state (user=? AND state=? AND {file})");
            [
                (statements.all, vec![listed]),
                (statements.by_state, vec![of_state]),
                (statements.by_text, by_text(file)),
                (statements.by_text_and_state, by_text(file)),
            ]
        }) {
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let rows = sqlx::query(explain)
                .fetch_all(pipeline.index.database.readers())
                .await
                .unwrap();
            let plan: Vec<&str> = rows
                .iter()
                .map(|row| row.get("detail"))
                .filter(|step: &&str| {
                    ["SEARCH", "SCAN", "USE TEMP B-TREE"]
                        .iter()
                        .any(|what| step.starts_with(what))
                })
                .collect();
            assert_eq!(plan, expected, "{sql}");
        }
    }
}
