//! The connection to the accounts database, and its schema.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{AnyPool, Connection, any::AnyPoolOptions, migrate::Migrator};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Longer than any query of ours; after it the database counts as down.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("accounts database cannot be opened")]
    Connect(#[source] sqlx::Error),
    #[error("accounts database cannot be brought to the current schema")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

/// Opens a pool of at most `connections`.
pub async fn connect(url: &SecretString, connections: u32) -> Result<AnyPool, DatabaseError> {
    sqlx::any::install_default_drivers();
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(|connection, _| {
            Box::pin(async move {
                if connection.backend_name() == "SQLite" {
                    // Readers do not wait for the writer, and a commit survives a power cut.
                    sqlx::query("PRAGMA journal_mode = WAL")
                        .execute(&mut *connection)
                        .await?;
                    sqlx::query("PRAGMA synchronous = FULL")
                        .execute(&mut *connection)
                        .await?;
                }
                connection.ping().await
            })
        })
        .connect(url.expose_secret())
        .await
        .map_err(DatabaseError::Connect)
}

/// Brings the schema up to date. Any number of servers may do so at the same time.
pub async fn migrate(pool: &AnyPool) -> Result<(), DatabaseError> {
    MIGRATIONS.run(pool).await.map_err(DatabaseError::Migrate)
}
