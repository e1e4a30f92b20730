//! Everything that runs while jobs are measured.

use std::{net::TcpListener, time::Duration};

use anyhow::{Context as _, ensure};
use futures::future::try_join_all;
use platen_tests::{Client, Cloud, DataDir, Server, Worker, eventually};
use tokio::task::JoinSet;

use super::Options;
use crate::{resources::backend, site::Site};

/// Longest that all jobs may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(30);

/// Files that the list gives at once, at most.
const PAGE: usize = 200;

pub(super) struct Stack {
    pub(super) cloud: Cloud,
    pub(super) site: Site,
    users: Vec<Client>,
    http: reqwest::Client,
    /// Where the converters tell their metrics.
    metrics: Vec<String>,
    /// Reads the events of all users.
    _followers: JoinSet<()>,
    _workers: Vec<Worker>,
    _server: Server,
    _accounts: DataDir,
}

impl Stack {
    pub(super) async fn start(options: &Options, users: usize) -> anyhow::Result<Self> {
        let cloud = Cloud::start().await?;
        let site = Site::start().await?;
        let accounts = DataDir::new()?;
        let server = backend(&cloud, &accounts)
            .allow(site.authority())
            // Nobody is to be told to come back.
            .env("PLATEN_REQUESTS_IN_PROGRESS_PER_USER", "1000000")
            .env("PLATEN_FILES_PER_USER", "1000000")
            .env("PLATEN_LOG", "warn")
            .start()
            .await?;
        let addresses: Vec<String> = (0..options.converters)
            .map(|_| free_address())
            .collect::<anyhow::Result<_>>()?;
        let workers = addresses.iter().map(async |address| {
            let mut env = cloud.env();
            env.extend([
                ("PLATEN_CHROMIUM", options.chromium.display().to_string()),
                ("PLATEN_CONCURRENCY", options.concurrency.to_string()),
                ("PLATEN_OPS_LISTEN", address.clone()),
                // Its `ready` is waited for.
                ("PLATEN_LOG", "warn,converter_lambda=info".to_owned()),
            ]);
            Worker::start(&env, &site.authority()).await
        });
        let workers = try_join_all(workers).await?;
        let mut clients = Vec::with_capacity(users);
        let mut followers = JoinSet::new();
        for number in 0..users {
            let user = server.user(&format!("user-{number}")).await?;
            let mut events = user.events(None).await?;
            // A minute without an event ends it: nothing is left to follow then.
            followers.spawn(async move { while events.next().await.is_ok() {} });
            clients.push(user);
        }
        Ok(Self {
            cloud,
            site,
            users: clients,
            http: reqwest::Client::builder().no_proxy().build()?,
            metrics: addresses
                .iter()
                .map(|address| format!("http://{address}/metrics"))
                .collect(),
            _followers: followers,
            _workers: workers,
            _server: server,
            _accounts: accounts,
        })
    }

    /// Whose job it is.
    pub(super) fn user(&self, job: usize) -> &Client {
        &self.users[job % self.users.len()]
    }

    /// Returns once so many conversions in all are recorded as ready. Asks the converters, because
    /// asking the backend would be work for what is measured.
    pub(super) async fn until_ready(&self, conversions: usize) -> anyhow::Result<()> {
        eventually("all files are ready", PATIENCE, async || {
            let mut ended = 0;
            for url in &self.metrics {
                let text = self.http.get(url).send().await?.text().await?;
                for line in text.lines() {
                    if let Some(rest) = line.strip_prefix("platen_conversions_total{outcome=\"") {
                        let (outcome, number) = rest.split_once("\"} ").context("no number")?;
                        ensure!(outcome == "ready", "a conversion ended with {outcome}");
                        ended += number.parse::<usize>()?;
                    }
                }
            }
            ensure!(ended <= conversions, "{ended} conversions of {conversions}");
            Ok((ended == conversions).then_some(()))
        })
        .await
    }

    /// Sees with the users' eyes that so many files are there, and ready.
    pub(super) async fn check(&self, files: usize) -> anyhow::Result<()> {
        let mut ready = 0;
        for user in &self.users {
            let mut cursor = String::new();
            loop {
                let path = format!("/files?limit={PAGE}{cursor}");
                let list = user.get(&path).await?.ok()?;
                let page = list["files"].as_array().context("no list")?;
                ready += page.iter().filter(|file| file["status"] == "ready").count();
                match list["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
        }
        ensure!(ready == files, "{ready} of {files} files are ready");
        Ok(())
    }
}

/// Free at this moment, and the kernel does not give the same one twice in a row.
fn free_address() -> anyhow::Result<String> {
    let free = TcpListener::bind("127.0.0.1:0")?;
    Ok(free.local_addr()?.to_string())
}
