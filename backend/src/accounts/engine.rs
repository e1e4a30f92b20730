//! What differs between SQLite, PostgreSQL and MySQL, which MariaDB is as well.

use std::{fmt::Write as _, sync::LazyLock};

use sqlx::{
    AnyConnection, AssertSqlSafe, Connection, SqlSafeStr, SqlStr,
    migrate::{MigrateError, Migrator},
};

use super::DatabaseError;

/// Migrations only add. Where a later release has been before, this one works all the same: it is the way
/// back.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!();
    migrations.set_ignore_missing(true);
    migrations
});

/// How long a server waits for another one that is changing the schema.
const LOCK_SECONDS: i64 = 120;

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
    MySql,
}

impl Engine {
    /// What URLs look like.
    pub const URLS: &str = "`postgres://user:password@host/database`, \
         `mysql://user:password@host/database` (MariaDB, too), or \
         `sqlite:///folder/accounts.db?mode=rwc`";

    /// `None`: the URL is of another engine, or names no database.
    pub fn of_url(url: &str) -> Option<Self> {
        let url = url::Url::parse(url).ok()?;
        let engine = match url.scheme() {
            "sqlite" => return Some(Self::Sqlite),
            "postgres" | "postgresql" => Self::Postgres,
            "mysql" | "mariadb" => Self::MySql,
            _ => return None,
        };
        (url.has_host() && url.path().len() > 1).then_some(engine)
    }

    /// Writes the parameters of a statement, which are `?`, as the engine wants them.
    pub(super) fn spell(self, sql: &'static str) -> SqlStr {
        if self != Self::Postgres {
            return sql.into_sql_str();
        }
        let mut numbered = String::with_capacity(sql.len() + 10);
        for (number, part) in sql.split('?').enumerate() {
            if number > 0 {
                // Text takes everything.
                let _ = write!(numbered, "${number}");
            }
            numbered.push_str(part);
        }
        // Nothing came in that is not in the program.
        AssertSqlSafe(numbered).into_sql_str()
    }

    /// Runs the migrations that are missing, alone.
    pub(super) async fn migrate(self, connection: &mut AnyConnection) -> Result<(), DatabaseError> {
        match self {
            // sqlx takes an advisory lock, and each migration is a transaction.
            Self::Postgres => run(connection).await,
            // sqlx takes none here. The first writer of a file is the only one.
            Self::Sqlite => {
                let begin = connection.begin_with("BEGIN IMMEDIATE").await;
                let mut alone = begin.map_err(DatabaseError::Connect)?;
                run(&mut alone).await?;
                alone.commit().await.map_err(DatabaseError::Connect)
            }
            Self::MySql => {
                lock_mysql(connection).await?;
                run(connection).await
            }
        }
    }
}

async fn run(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    MIGRATIONS
        .run(connection)
        .await
        .map_err(|error| match error {
            MigrateError::Dirty(version) => DatabaseError::HalfMigrated(version),
            error => DatabaseError::Migrate(error),
        })
}

/// The lock of the session. sqlx asks for one without a time-out, as a negative number, which
/// MariaDB refuses with a warning that nobody sees.
async fn lock_mysql(connection: &mut AnyConnection) -> Result<(), DatabaseError> {
    // A name may have 64 characters, and so may that of the database.
    let lock = "SELECT GET_LOCK(CONCAT('platen.', MD5(DATABASE())), ?)";
    let locked: Option<i64> = sqlx::query_scalar(lock)
        .bind(LOCK_SECONDS)
        .fetch_one(connection)
        .await
        .map_err(DatabaseError::Connect)?;
    if locked == Some(1) {
        Ok(())
    } else {
        Err(DatabaseError::Locked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_where_they_have_to_be() {
        let sql = "UPDATE t SET a = ?, b = ? WHERE c = ?";
        let numbered = "UPDATE t SET a = $1, b = $2 WHERE c = $3";
        assert_eq!(Engine::Postgres.spell(sql).as_str(), numbered);
        assert_eq!(Engine::Sqlite.spell(sql).as_str(), sql);
        assert_eq!(Engine::MySql.spell(sql).as_str(), sql);
    }

    #[test]
    fn the_url_says_which_engine_it_is() {
        for (url, engine) in [
            ("sqlite:///d/a.db?mode=rwc", Some(Engine::Sqlite)),
            ("sqlite::memory:", Some(Engine::Sqlite)),
            ("postgres://u:p@db:5432/platen", Some(Engine::Postgres)),
            (
                "postgresql://db/platen?sslmode=verify-full",
                Some(Engine::Postgres),
            ),
            ("mysql://u@db/platen", Some(Engine::MySql)),
            ("mariadb://u@db/platen", Some(Engine::MySql)),
            ("mysql://u@db/", None),
            ("postgres:///platen", None),
            ("oracle://db/platen", None),
            ("platen.db", None),
        ] {
            assert_eq!(Engine::of_url(url), engine, "{url}");
        }
    }
}
