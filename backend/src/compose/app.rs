//! The application and what it stands on.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use platen_pipeline::Clock;
use platen_pipeline_local::{LocalPipeline, LocalSettings};
use secrecy::SecretString;
use sqlx::AnyPool;
use tokio_util::sync::CancellationToken;

use super::{folders, key_file};
use crate::{
    accounts::{self, AccountStore, Accounts, HashCost, PasswordHasher, Tokens},
    config::{Config, JwtKey},
    http::{App, Limits, Rates},
    ids::{Ids, Random, SystemRandom},
};

/// Index, queues and store, on this machine.
pub async fn pipeline(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<LocalPipeline> {
    folders::prepare_data_dir(&config.data.dir)?;
    LocalPipeline::open(&config.data.dir, clock, LocalSettings::default())
        .await
        .context("the data folder cannot be used")
}

/// The accounts database, at the current schema.
pub async fn database(config: &Config) -> anyhow::Result<AnyPool> {
    let url = match &config.database.url {
        Some(url) => url.0.clone(),
        None => sqlite_url(&config.data.dir)?,
    };
    let connections = u32::try_from(config.database.connections.get())?;
    let pool = accounts::connect(&url, connections).await?;
    accounts::migrate(&pool).await?;
    Ok(pool)
}

/// The application behind the HTTP interface.
pub fn app(
    config: &Config,
    database: AnyPool,
    pipeline: &LocalPipeline,
    clock: Arc<dyn Clock>,
    stopping: CancellationToken,
) -> anyhow::Result<App> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let ids = Ids::new(Arc::clone(&clock), Arc::clone(&random));
    let settings = &config.accounts;
    let accounts = Accounts::new(
        AccountStore::new(database),
        PasswordHasher::new(
            &HashCost::default(),
            settings.hashing_concurrency.as_usize(),
            Arc::clone(&random),
        )?,
        Tokens::new(&jwt_key(config, &*random)?, &settings.jwt_previous_keys.0),
        ids.clone(),
        Arc::clone(&clock),
        Duration::from_secs(settings.session_minutes.get() * 60),
    );
    Ok(App {
        accounts,
        index: pipeline.index.clone(),
        store: pipeline.store.clone(),
        queue: pipeline.queue.clone(),
        egress: config.conversion.egress_allow.clone(),
        clock,
        ids,
        rates: Rates::new(
            u32::try_from(settings.sign_ups_per_hour.get())?,
            u32::try_from(settings.sign_ins_per_minute.get())?,
        ),
        limits: Limits {
            files_per_user: settings.files_per_user.get(),
            request_timeout: config.server.request_timeout.get(),
            trusted_proxies: config.server.trusted_proxies.0.clone(),
        },
        stopping,
    })
}

fn jwt_key(config: &Config, random: &dyn Random) -> anyhow::Result<JwtKey> {
    match &config.accounts.jwt_key {
        Some(key) => Ok(key.clone()),
        None => Ok(key_file::read_or_make(&config.data.dir, random)?),
    }
}

/// `sqlite:` URL of the database in the data folder, with whatever its path holds escaped.
fn sqlite_url(folder: &std::path::Path) -> anyhow::Result<SecretString> {
    let path = std::path::absolute(folder)?.join("accounts.db");
    let url = url::Url::from_file_path(&path)
        .map_err(|()| anyhow::anyhow!("{} cannot be a data folder", folder.display()))?;
    Ok(format!("sqlite://{}?mode=rwc", url.path()).into())
}
