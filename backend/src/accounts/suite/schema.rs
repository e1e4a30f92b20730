//! Migrations.

use futures::future::join_all;

use super::Fixture;
use crate::accounts::Database;

/// Versions recorded as applied.
async fn applied(database: &Database) -> Vec<i64> {
    sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version")
        .fetch_all(database.pool())
        .await
        .unwrap()
}

async fn forget_everything(database: &Database) {
    for table in [
        "webhook_deliveries",
        "webhooks",
        "api_keys",
        "sessions",
        "users",
        "erasures",
        "_sqlx_migrations",
    ] {
        let drop = format!("DROP TABLE {table}");
        sqlx::query(sqlx::AssertSqlSafe(drop))
            .execute(database.pool())
            .await
            .unwrap();
    }
}

pub(super) async fn many_servers_migrate_at_once(on: &Fixture) {
    for _ in 0..3 {
        forget_everything(&on.database).await;
        let servers = (0..8).map(|_| async {
            let database = Database::connect(&on.url, 1).await.unwrap();
            database.migrate().await.unwrap();
            database.close().await;
        });
        join_all(servers).await;
        assert_eq!(applied(&on.database).await, [1, 2, 3, 4, 5]);
    }
}

pub(super) async fn migrating_again_changes_nothing(on: &Fixture) {
    let before = applied(&on.database).await;
    on.database.migrate().await.unwrap();
    assert_eq!(applied(&on.database).await, before);
}

pub(super) async fn a_release_starts_where_a_later_one_has_been(on: &Fixture) {
    sqlx::query(
        "INSERT INTO _sqlx_migrations
         (version, description, installed_on, success, checksum, execution_time)
         SELECT 9999, description, installed_on, success, checksum, execution_time
         FROM _sqlx_migrations WHERE version = 1",
    )
    .execute(on.database.pool())
    .await
    .unwrap();
    on.database.migrate().await.unwrap();
    assert_eq!(applied(&on.database).await, [1, 2, 3, 4, 5, 9999]);
}
