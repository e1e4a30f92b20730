//! The application and what it stands on.

use std::{sync::Arc, time::Duration};

use platen_egress::{Egress, SystemResolver};
use platen_pipeline::{Clock, Quota};
use platen_thumbnail::{Isolated, Thumbnails};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::{Pipeline, key_file};
use crate::{
    accounts::{AccountStore, Accounts, Database, HashCost, PasswordHasher, Tokens},
    config::{Config, JwtKey, OrFolder},
    erasure::Eraser,
    http::{App, Limits, Rates},
    ids::{Ids, Random, SystemRandom},
    webhooks::{self, Courier, Sealer, WebhookParts, WebhookStore, Webhooks},
};

/// The accounts database, at the current schema.
pub async fn database(config: &Config) -> anyhow::Result<Database> {
    let url = match &config.deployment.database {
        OrFolder::Set(url) => url.0.clone(),
        OrFolder::In(folder) => sqlite_url(folder)?,
    };
    let connections = u32::try_from(config.database.connections.get())?;
    let database = Database::connect(&url, connections).await?;
    database.migrate().await?;
    Ok(database)
}

/// The application behind the HTTP interface.
pub fn app(
    config: &Config,
    database: Database,
    pipeline: &Pipeline,
    clock: Arc<dyn Clock>,
    stopping: CancellationToken,
) -> anyhow::Result<App> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let ids = Ids::new(Arc::clone(&clock), Arc::clone(&random));
    let settings = &config.accounts;
    let store = AccountStore::new(database.clone());
    let jwt_key = jwt_key(config, &*random)?;
    let ports = &pipeline.ports;
    let eraser = Eraser::new(
        store.clone(),
        ports.index.clone(),
        ports.queue.clone(),
        Arc::clone(&clock),
    );
    let accounts = Accounts::new(
        store,
        PasswordHasher::new(
            &HashCost::default(),
            settings.hashing_concurrency.as_usize(),
            Arc::clone(&random),
        )?,
        Tokens::new(&jwt_key, &settings.jwt_previous_keys.0),
        ids.clone(),
        Arc::clone(&clock),
        Duration::from_secs(settings.session_minutes.get() * 60),
    );
    let egress = Egress::new(
        config.conversion.egress_allow.clone(),
        Arc::new(SystemResolver::from_system()?),
    );
    let webhooks = Webhooks::new(WebhookParts {
        store: WebhookStore::new(database),
        index: ports.index.clone(),
        courier: Courier::new(egress, webhooks::machine_roots())?,
        sealer: Sealer::new(&jwt_key, &settings.jwt_previous_keys.0, Arc::clone(&random))?,
        policy: config.conversion.egress_allow.clone(),
        ids: ids.clone(),
        clock: Arc::clone(&clock),
        random,
        drain: config.server.shutdown_timeout.get(),
    });
    Ok(App {
        accounts,
        eraser,
        webhooks,
        index: ports.index.clone(),
        store: ports.store.clone(),
        queue: ports.queue.clone(),
        thumbnails: Thumbnails::new(ports.store.clone(), Arc::new(Isolated::this_program())),
        egress: config.conversion.egress_allow.clone(),
        clock,
        ids,
        rates: Rates::new(
            u32::try_from(settings.sign_ups_per_hour.get())?,
            u32::try_from(settings.sign_ins_per_minute.get())?,
        ),
        limits: Limits {
            quota: Quota {
                files: settings.files_per_user.get(),
                in_progress: settings.requests_in_progress_per_user.get(),
            },
            request_timeout: config.server.request_timeout.get(),
            trusted_proxies: config.server.trusted_proxies.0.clone(),
        },
        stopping,
    })
}

fn jwt_key(config: &Config, random: &dyn Random) -> anyhow::Result<JwtKey> {
    match &config.deployment.jwt_key {
        OrFolder::Set(key) => Ok(key.clone()),
        OrFolder::In(folder) => Ok(key_file::read_or_make(folder, random)?),
    }
}

/// `sqlite:` URL of the database in the data folder, with whatever its path holds escaped.
fn sqlite_url(folder: &std::path::Path) -> anyhow::Result<SecretString> {
    let path = std::path::absolute(folder)?.join("accounts.db");
    let url = url::Url::from_file_path(&path)
        .map_err(|()| anyhow::anyhow!("{} cannot be a data folder", folder.display()))?;
    Ok(format!("sqlite://{}?mode=rwc", url.path()).into())
}
