//! The accounts database: its engine, its connections, its schema.

use std::{fmt, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Any, AnyConnection, AnyPool, Connection,
    any::{AnyArguments, AnyPoolOptions},
    migrate::MigrateError,
    query::Query,
};

use super::engine::Engine;

/// Longer than any query of ours; after it the database counts as down.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("accounts database is of no kind that is known: {}", Engine::URLS)]
    Engine,
    #[error("accounts database cannot be opened")]
    Connect(#[source] sqlx::Error),
    #[error("accounts database cannot be brought to the current schema")]
    Migrate(#[source] MigrateError),
    #[error(
        "a server died while it changed the schema of the accounts database to version {0}: finish \
         migrations/{0:04}_*.sql by hand, set `success` of that version in `_sqlx_migrations`, and \
         start again"
    )]
    HalfMigrated(i64),
    #[error("another server keeps the accounts database locked to change its schema")]
    Locked,
}

/// A pool of connections. Clones share it.
#[derive(Clone)]
pub struct Database {
    pool: AnyPool,
    engine: Engine,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

impl Database {
    /// Opens a pool of at most `connections`. The URL says which engine it is.
    pub async fn connect(url: &SecretString, connections: u32) -> Result<Self, DatabaseError> {
        let url = url.expose_secret();
        let engine = Engine::of_url(url).ok_or(DatabaseError::Engine)?;
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| Box::pin(prepare(engine, connection)))
            .connect(url)
            .await
            .map_err(DatabaseError::Connect)?;
        Ok(Self { pool, engine })
    }

    /// Brings the schema up to date. Any number of servers may do so at the same time.
    pub async fn migrate(&self) -> Result<(), DatabaseError> {
        let connection = self.pool.acquire().await.map_err(DatabaseError::Connect)?;
        // Not of the pool any more: a lock that it holds ends with it, however this ends.
        let mut connection = connection.detach();
        let migrated = self.engine.migrate(&mut connection).await;
        if let Err(error) = connection.close().await {
            tracing::debug!(%error, "connection was not closed in good order");
        }
        migrated
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A statement whose parameters are written `?` and bound in that order.
    pub(crate) fn query<'q>(&self, sql: &'static str) -> Query<'q, Any, AnyArguments> {
        sqlx::query(self.engine.spell(sql))
    }

    pub(crate) const fn pool(&self) -> &AnyPool {
        &self.pool
    }
}

async fn prepare(engine: Engine, connection: &mut AnyConnection) -> sqlx::Result<()> {
    if engine == Engine::Sqlite {
        // Readers do not wait for the writer, and a commit survives a power cut.
        sqlx::query("PRAGMA journal_mode = WAL")
            .execute(&mut *connection)
            .await?;
        sqlx::query("PRAGMA synchronous = FULL")
            .execute(&mut *connection)
            .await?;
    }
    connection.ping().await
}
