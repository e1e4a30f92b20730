//! Between rows and records.

use std::str::FromStr;

use platen_api_types::{Failure, FailureCode, FileId, FileStatus, UserId};
use platen_pipeline::{
    Change, FencingToken, FileKey, FileRecord, FileState, Lease, PdfFacts, Revision, read_options,
};
use sqlx::{Decode, Row as _, Sqlite, Type, sqlite::SqliteRow};

use crate::database::timestamp;

/// The columns [`change`] reads.
macro_rules! columns {
    () => {
        "user, file, name, url, options, state, token, attempts, lease_until, stage, title, \
         final_url, pages, size, sha256, failure_code, failure_detail, finished_at, created_at, updated_at, \
         revision"
    };
}
pub(super) use columns;

/// A stored value that no version wrote.
#[derive(Debug, thiserror::Error)]
#[error("column {column} of a file cannot be read")]
struct Unreadable {
    column: &'static str,
}

fn unreadable(column: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(Unreadable { column }))
}

fn get<'r, T>(row: &'r SqliteRow, column: &'static str) -> sqlx::Result<T>
where
    T: Decode<'r, Sqlite> + Type<Sqlite>,
{
    row.try_get(column)
}

fn id<T>(row: &SqliteRow, column: &'static str, of: fn(uuid::Uuid) -> T) -> sqlx::Result<T> {
    uuid::Uuid::from_slice(get(row, column)?)
        .map(of)
        .map_err(|_| unreadable(column))
}

fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &'static str) -> sqlx::Result<T> {
    T::try_from(get(row, column)?).map_err(|_| unreadable(column))
}

fn text<T: FromStr>(row: &SqliteRow, column: &'static str) -> sqlx::Result<T> {
    get::<&str>(row, column)?
        .parse()
        .map_err(|_| unreadable(column))
}

fn state(row: &SqliteRow) -> sqlx::Result<FileState> {
    let finished_at = || timestamp(get(row, "finished_at")?);
    Ok(match text(row, "state")? {
        FileStatus::Queued => FileState::Queued,
        FileStatus::Rendering => FileState::Rendering {
            lease: Lease {
                until: timestamp(get(row, "lease_until")?)?,
            },
            // One that this version does not know is not worth a record.
            stage: get::<Option<&str>>(row, "stage")?
                .and_then(|stage| stage.parse().ok())
                .unwrap_or_default(),
        },
        FileStatus::Ready => FileState::Ready {
            pdf: PdfFacts {
                title: get(row, "title")?,
                final_url: get(row, "final_url")?,
                pages: number(row, "pages")?,
                size: number(row, "size")?,
                sha256: get::<&[u8]>(row, "sha256")?
                    .try_into()
                    .map_err(|_| unreadable("sha256"))?,
            },
            finished_at: finished_at()?,
        },
        FileStatus::Failed => FileState::Failed {
            failure: Failure {
                code: failure_code(get(row, "failure_code")?),
                detail: get(row, "failure_detail")?,
            },
            finished_at: finished_at()?,
        },
        FileStatus::Deleting => FileState::Deleting,
    })
}

fn failure_code(text: &str) -> FailureCode {
    FailureCode::ALL
        .iter()
        .copied()
        .find(|code| code.as_str() == text)
        // A newer version wrote it, and this one runs after a rollback. The sentence beside it
        // still says what happened.
        .unwrap_or(FailureCode::InternalError)
}

pub(crate) fn key(row: &SqliteRow) -> sqlx::Result<FileKey> {
    Ok(FileKey {
        user: id(row, "user", UserId::from_uuid)?,
        file: id(row, "file", FileId::from_uuid)?,
    })
}

pub(super) fn change(row: &SqliteRow) -> sqlx::Result<Change> {
    let FileKey { user, file } = key(row)?;
    Ok(Change {
        revision: Revision(number(row, "revision")?),
        record: FileRecord {
            user,
            id: file,
            name: text(row, "name")?,
            url: get(row, "url")?,
            options: read_options(get(row, "options")?)
                .map_err(|error| sqlx::Error::Decode(error.into()))?,
            state: state(row)?,
            token: FencingToken(number(row, "token")?),
            attempts: number(row, "attempts")?,
            created_at: timestamp(get(row, "created_at")?)?,
            updated_at: timestamp(get(row, "updated_at")?)?,
        },
    })
}

pub(super) fn record(row: &SqliteRow) -> sqlx::Result<FileRecord> {
    change(row).map(|change| change.record)
}
