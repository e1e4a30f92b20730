//! An empty database on an engine, and accounts on it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use platen_peers::{Kind, Peer};
use platen_pipeline::Clock;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, any::AnyPoolOptions};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::{
    accounts::{AccountStore, Accounts, Database, Engine, HashCost, PasswordHasher, Tokens},
    config::JwtKey,
    http::testing::TestClock,
    ids::{Ids, Random, SystemRandom},
};

/// A server of each kind, started by the first test to ask and ended with this process.
static POSTGRESQL: OnceCell<Peer> = OnceCell::const_new();
static MARIADB: OnceCell<Peer> = OnceCell::const_new();

pub(super) struct Fixture {
    pub url: SecretString,
    pub database: Database,
    pub store: AccountStore,
    pub accounts: Accounts,
    pub clock: Arc<TestClock>,
    pub ids: Ids,
    _folder: TempDir,
}

impl Fixture {
    pub(super) async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url: SecretString = match engine {
            Engine::Sqlite => {
                let file = folder.path().join("accounts.db");
                format!("sqlite://{}?mode=rwc", file.display())
            }
            Engine::Postgres => fresh(&POSTGRESQL, Kind::PostgreSql, "").await,
            // A default that would spoil what is compared, had the schema not its own.
            Engine::MySql => fresh(&MARIADB, Kind::MariaDb, " COLLATE latin1_swedish_ci").await,
        }
        .into();
        let database = Database::connect(&url, 8).await.unwrap();
        database.migrate().await.unwrap();
        let clock = Arc::new(TestClock::default());
        let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
        Self {
            store: AccountStore::new(database.clone()),
            accounts: accounts(&database, 8, clock.clone()),
            url,
            database,
            clock,
            ids,
            _folder: folder,
        }
    }

    /// The same accounts, seen by a server that hashes at another cost.
    pub(super) fn accounts_at(&self, memory: u32) -> Accounts {
        accounts(&self.database, memory, self.clock.clone())
    }
}

fn accounts(database: &Database, memory: u32, clock: Arc<dyn Clock>) -> Accounts {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let cost = HashCost {
        memory,
        passes: 1,
        lanes: 1,
    };
    Accounts::new(
        AccountStore::new(database.clone()),
        PasswordHasher::new(&cost, 4, Arc::clone(&random)).unwrap(),
        Tokens::new(&JwtKey::new(vec![7; 32]).unwrap(), &[]),
        Ids::new(Arc::clone(&clock), random),
        clock,
        Duration::from_hours(1),
    )
}

/// URL of a database that no other test has.
async fn fresh(server: &OnceCell<Peer>, kind: Kind, with: &str) -> String {
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let start = || async {
        Peer::start(kind)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let server = server.get_or_init(start).await.url();
    sqlx::any::install_default_drivers();
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    // A server that listens may still say that it is starting up: a pool tries again then.
    let pool = AnyPoolOptions::new()
        .max_connections(1)
        .connect(&server)
        .await
        .unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}{with}")))
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    format!("{server}/{name}")
}
