//! The product on emulators: a backend and converters, each a process that can be killed.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use platen_tests::{
    Client, Cloud, DataDir, Function, Process, Server, ServerBuilder, Site, Weather, Worker,
    clock_off_by,
};
use rand::{RngExt as _, rngs::StdRng};

/// Converters at work.
pub(crate) const WORKERS: usize = 2;

/// How long everything may take to come to rest on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// Times that a person would not notice, so that repairs happen within a test.
const SOON: [(&str, &str); 2] = [("PLATEN_RESEND_AFTER", "4"), ("PLATEN_ORPHANS_EVERY", "1")];

/// Deliveries before a message is a dead letter where the only converter is killed over and over: the
/// emulator does not notice, and hands messages to the dead until their long polls are over.
const DELIVERIES_TO_THE_DEAD: u16 = 12;

/// Seconds that a converter has a file to itself; a frozen one loses it.
const LEASE: (&str, &str) = ("PLATEN_LEASE", "3");

/// What every backend of a test signs with; 32 bytes.
const JWT_KEY: &str = "c3Rvcm1zdG9ybXN0b3Jtc3Rvcm1zdG9ybXN0b3Jtc3Q=";

/// What a world is made of, where it differs from the usual one.
#[derive(Debug, Default)]
pub(crate) struct Setup<'a> {
    /// Settings of backends.
    pub overrides: &'a [(&'static str, &'a str)],
    /// Converters are environments of a function, and not workers that poll.
    pub lambda: bool,
    /// One worker in place of several.
    pub alone: bool,
    /// Minutes by which the backend's clock is off.
    pub backend_clock: i32,
    /// Minutes by which each worker's clock is off.
    pub worker_clocks: [i32; WORKERS],
}

/// What does the conversions.
enum Converters {
    Workers(Vec<Option<Worker>>),
    Function(Function),
}

/// Everything that runs.
pub(crate) struct World {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) site: Site,
    /// How long it may take until every promise holds.
    pub(crate) patience: Duration,
    backend: Option<Server>,
    converters: Converters,
    /// Holds the accounts.
    _data: DataDir,
    /// Of backends.
    env: Vec<(&'static str, String)>,
    backend_clock: i32,
    worker_clocks: [i32; WORKERS],
}

impl World {
    /// Backend and workers, with some settings of their own.
    pub(crate) async fn start(overrides: &[(&'static str, &str)]) -> Result<Self> {
        let usual = Setup::default();
        Self::with(Setup { overrides, ..usual }).await
    }

    pub(crate) async fn with(setup: Setup<'_>) -> Result<Self> {
        let cloud = if setup.alone {
            Cloud::with_deliveries(DELIVERIES_TO_THE_DEAD).await?
        } else {
            Cloud::start().await?
        };
        let site = Site::start().await?;
        let data = DataDir::new()?;
        let accounts = data.path().join("accounts.db");
        let accounts = format!("sqlite://{}?mode=rwc", accounts.display());
        let own = [("DATABASE_URL", &*accounts), ("PLATEN_JWT_KEY", JWT_KEY)];
        let of_backend = own.iter().chain(&SOON).chain(setup.overrides);
        let of_backend = of_backend.map(|(name, value)| (*name, (*value).to_owned()));
        let of_backend = cloud.env().into_iter().chain(of_backend).collect();
        let converters = if setup.lambda {
            let more = [("PLATEN_EGRESS_ALLOW", &*site.authority()), LEASE];
            Converters::Function(cloud.deploy(&more).await?)
        } else {
            let count = if setup.alone { 1 } else { WORKERS };
            Converters::Workers((0..count).map(|_| None).collect())
        };
        let mut world = Self {
            cloud: Arc::new(cloud),
            site,
            patience: PATIENCE,
            backend: None,
            converters,
            _data: data,
            env: of_backend,
            backend_clock: setup.backend_clock,
            worker_clocks: setup.worker_clocks,
        };
        world.revive().await?;
        Ok(world)
    }

    /// Starts whatever is not running. Environments of a function start when there is work.
    pub(crate) async fn revive(&mut self) -> Result<()> {
        if self.backend.is_none() {
            self.backend = Some(self.builder(self.backend_clock)?.start().await?);
        }
        if let Converters::Workers(workers) = &mut self.converters {
            for (worker, clock) in workers.iter_mut().zip(self.worker_clocks) {
                if worker.is_none() {
                    let mut env = self.cloud.env();
                    env.push((LEASE.0, LEASE.1.to_owned()));
                    env.extend(clock_off_by(clock)?);
                    *worker = Some(Worker::start(&env, &self.site.authority()).await?);
                }
            }
        }
        Ok(())
    }

    /// Minutes by which the clocks of workers that start from now on are off.
    pub(crate) fn set_worker_clocks(&mut self, minutes: [i32; WORKERS]) {
        self.worker_clocks = minutes;
    }

    fn builder(&self, clock: i32) -> Result<ServerBuilder> {
        let env = self.env.iter().cloned().chain(clock_off_by(clock)?);
        Ok(env
            .fold(Server::builder(), |builder, (name, value)| {
                builder.env(name, value)
            })
            .allow(self.site.authority()))
    }

    /// Another backend beside the one there is.
    pub(crate) async fn backend_off_by(&self, minutes: i32) -> Result<Server> {
        self.builder(minutes)?.start().await
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
        let new = self.builder(self.backend_clock)?.start().await?;
        self.backend.replace(new).context("no backend")
    }

    /// Lets a backend end as an orchestrator does.
    pub(crate) async fn retire(mut backend: Server) -> Result<()> {
        backend.terminate()?;
        let status = backend.ended(PATIENCE).await?;
        ensure!(status.success(), "{status}");
        Ok(())
    }

    /// Replaces one worker after the other, each when it has ended by itself.
    pub(crate) async fn replace_workers(&mut self) -> Result<()> {
        for number in 0..WORKERS {
            if let Converters::Workers(workers) = &mut self.converters
                && let Some(mut old) = workers[number].take()
            {
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
        match &mut self.converters {
            Converters::Workers(workers) => {
                if let Some(worker) = workers.get_mut(number).and_then(Option::take) {
                    worker.kill().await?;
                }
            }
            Converters::Function(_) => {
                if let Some(environment) = self.converter(number)? {
                    // It may have just been ended by the emulator.
                    let _ = environment.kill();
                }
            }
        }
        Ok(())
    }

    /// Kills every worker.
    pub(crate) async fn kill_workers(&mut self) -> Result<()> {
        if let Converters::Workers(workers) = &mut self.converters {
            for worker in workers.iter_mut().filter_map(Option::take) {
                worker.kill().await?;
            }
        }
        Ok(())
    }

    /// Stops a converter for a time that may be longer than its lease.
    pub(crate) fn freeze_worker(&self, random: &mut StdRng) -> Result<()> {
        let number = random.random_range(0..WORKERS);
        let time = Duration::from_millis(random.random_range(500..6000));
        if let Some(converter) = self.converter(number)? {
            // As above.
            let _ = converter.freeze(time);
        }
        Ok(())
    }

    /// Kills a converter's browser and leaves the converter.
    pub(crate) fn kill_browser(&self, random: &mut StdRng) -> Result<()> {
        let number = random.random_range(0..WORKERS);
        let Some(converter) = self.converter(number)? else {
            return Ok(());
        };
        for process in converter.started()? {
            // Another of them may have taken this one along.
            let _ = process.kill();
        }
        Ok(())
    }

    /// The process of a converter, if it is running.
    fn converter(&self, number: usize) -> Result<Option<Process>> {
        match &self.converters {
            Converters::Workers(workers) => match workers.get(number) {
                Some(Some(worker)) => worker.process().map(Some),
                _ => Ok(None),
            },
            Converters::Function(function) => {
                let environments = function.environments()?;
                let number = number.checked_rem(environments.len());
                Ok(number.map(|number| environments[number]))
            }
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
