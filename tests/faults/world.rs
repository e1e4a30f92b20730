//! The product on emulators: a backend and converters, each a process that can be killed.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use platen_tests::{Client, Cloud, DataDir, Server, ServerBuilder, Site, Weather, Worker};
use rand::{RngExt as _, rngs::StdRng};

/// Converters at work.
pub(crate) const WORKERS: usize = 2;

/// How long everything may take to come to rest on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// Times that a person would not notice, so that repairs happen within a test.
const SOON: [(&str, &str); 2] = [("PLATEN_RESEND_AFTER", "4"), ("PLATEN_ORPHANS_EVERY", "1")];

/// Seconds that a converter has a file to itself; a frozen one loses it.
const LEASE: &str = "3";

/// What every backend of a test signs with; 32 bytes.
const JWT_KEY: &str = "c3Rvcm1zdG9ybXN0b3Jtc3Rvcm1zdG9ybXN0b3Jtc3Q=";

/// Everything that runs.
pub(crate) struct World {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) site: Site,
    /// How long it may take until every promise holds.
    pub(crate) patience: Duration,
    backend: Option<Server>,
    workers: Vec<Option<Worker>>,
    /// Holds the accounts.
    _data: DataDir,
    env: Vec<(&'static str, String)>,
}

impl World {
    pub(crate) async fn start(overrides: &[(&'static str, &str)]) -> Result<Self> {
        let cloud = Cloud::start().await?;
        let data = DataDir::new()?;
        let mut env = cloud.env();
        let accounts = data.path().join("accounts.db");
        env.push((
            "DATABASE_URL",
            format!("sqlite://{}?mode=rwc", accounts.display()),
        ));
        env.push(("PLATEN_JWT_KEY", JWT_KEY.to_owned()));
        let times = SOON.iter().chain(overrides);
        env.extend(times.map(|(name, value)| (*name, (*value).to_owned())));
        let mut world = Self {
            cloud: Arc::new(cloud),
            site: Site::start().await?,
            patience: PATIENCE,
            backend: None,
            workers: (0..WORKERS).map(|_| None).collect(),
            _data: data,
            env,
        };
        world.revive().await?;
        Ok(world)
    }

    /// Starts whatever is not running.
    pub(crate) async fn revive(&mut self) -> Result<()> {
        if self.backend.is_none() {
            self.backend = Some(self.builder().start().await?);
        }
        let lease = ("PLATEN_LEASE", LEASE.to_owned());
        let env: Vec<_> = self.env.iter().cloned().chain([lease]).collect();
        for worker in &mut self.workers {
            if worker.is_none() {
                *worker = Some(Worker::start(&env, &self.site.authority()).await?);
            }
        }
        Ok(())
    }

    fn builder(&self) -> ServerBuilder {
        self.env
            .iter()
            .fold(Server::builder(), |builder, (name, value)| {
                builder.env(name, value)
            })
            .allow(self.site.authority())
    }

    /// Where the backend answers now.
    pub(crate) fn origin(&self) -> Result<&str> {
        Ok(self.backend.as_ref().context("no backend")?.origin())
    }

    pub(crate) async fn sign_up(&self, name: &str) -> Result<Client> {
        Client::new(self.origin()?)?.sign_up(name).await
    }

    /// Someone without an account.
    pub(crate) fn client(&self) -> Result<Client> {
        Client::new(self.origin()?)
    }

    /// Starts a new backend beside the old one, which is handed out.
    pub(crate) async fn replace_backend(&mut self) -> Result<Server> {
        let new = self.builder().start().await?;
        self.backend.replace(new).context("no backend")
    }

    /// Lets a backend end as an orchestrator does.
    pub(crate) async fn retire(mut backend: Server) -> Result<()> {
        backend.terminate()?;
        let status = backend.ended(PATIENCE).await?;
        ensure!(status.success(), "{status}");
        Ok(())
    }

    /// Replaces one converter after the other, each when it has ended by itself.
    pub(crate) async fn replace_workers(&mut self) -> Result<()> {
        for number in 0..WORKERS {
            if let Some(mut old) = self.workers[number].take() {
                old.terminate()?;
                old.ended(PATIENCE).await?;
            }
            self.revive().await?;
        }
        Ok(())
    }

    pub(crate) async fn kill_backend(&mut self) -> Result<()> {
        if let Some(backend) = self.backend.take() {
            backend.kill().await?;
        }
        Ok(())
    }

    pub(crate) async fn kill_worker(&mut self, random: &mut StdRng) -> Result<()> {
        let number = random.random_range(0..WORKERS);
        if let Some(worker) = self.workers[number].take() {
            worker.kill().await?;
        }
        Ok(())
    }

    /// Stops a converter for a time that may be longer than its lease.
    pub(crate) fn freeze_worker(&self, random: &mut StdRng) -> Result<()> {
        let number = random.random_range(0..WORKERS);
        let time = Duration::from_millis(random.random_range(500..6000));
        match &self.workers[number] {
            Some(worker) => worker.freeze(time),
            None => Ok(()),
        }
    }

    /// Kills a converter's browser and leaves the converter.
    pub(crate) fn kill_browser(&self, random: &mut StdRng) -> Result<()> {
        let number = random.random_range(0..WORKERS);
        match &self.workers[number] {
            Some(worker) => worker.kill_browser(),
            None => Ok(()),
        }
    }

    /// Bad weather for everyone, drawn from the seed.
    pub(crate) fn storm(&self, seed: u64, one_in: u32) {
        for (number, proxy) in (0_u64..).zip(self.cloud.proxies()) {
            proxy.set_weather(Weather::storm(
                seed.wrapping_mul(3).wrapping_add(number),
                one_in,
            ));
        }
    }
}
