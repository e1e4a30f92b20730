//! Reading columns: ids and other words are text, times are milliseconds since 1970.

use jiff::Timestamp;
use sqlx::{Row, any::AnyRow};

use super::StoreError;

pub(crate) fn parsed<T: std::str::FromStr>(
    row: &AnyRow,
    column: &'static str,
    what: &'static str,
) -> Result<T, StoreError> {
    row.try_get::<String, _>(column)?
        .parse()
        .map_err(|_| StoreError::Corrupt(what))
}

pub(crate) fn parsed_if_any<T: std::str::FromStr>(
    row: &AnyRow,
    column: &'static str,
    what: &'static str,
) -> Result<Option<T>, StoreError> {
    row.try_get::<Option<String>, _>(column)?
        .map(|text| text.parse().map_err(|_| StoreError::Corrupt(what)))
        .transpose()
}

pub(crate) fn time(row: &AnyRow, column: &str) -> Result<Timestamp, StoreError> {
    read_time(row.try_get(column)?)
}

pub(crate) fn time_if_any(row: &AnyRow, column: &str) -> Result<Option<Timestamp>, StoreError> {
    row.try_get::<Option<i64>, _>(column)?
        .map(read_time)
        .transpose()
}

fn read_time(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| StoreError::Corrupt("time"))
}

/// As the database keeps it, so that what is answered now is what is answered later.
pub(crate) fn to_millisecond(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
