//! Converters, users and the clock, interleaved at random.
//!
//! Every converter stops before and after each call it makes, until the schedule lets it go on, so
//! a seed decides the order of everything.

use std::{collections::BTreeMap, env, sync::Arc, time::Duration};

use async_trait::async_trait;
use platen_api_types::{FileId, UserId};
use platen_converter::ConverterSettings;
use platen_pipeline::FileKey;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    double::Page,
    gate::{Gate, Verdict},
    world::{NONE, SETTINGS, World},
};

const STEPS: u32 = 120;
const MOST_CONVERTERS: usize = 4;

type Number = u32;

enum Event {
    /// A converter waits for its verdict on a call.
    Waits(Number, &'static str, oneshot::Sender<Verdict>),
    Ended(Number),
}

struct Stop {
    number: Number,
    events: mpsc::UnboundedSender<Event>,
}

#[async_trait]
impl Gate for Stop {
    async fn before(&self, call: &'static str) -> Verdict {
        let (reply, verdict) = oneshot::channel();
        // Fails when the schedule is over.
        let _ = self.events.send(Event::Waits(self.number, call, reply));
        verdict.await.unwrap_or(Verdict::Go)
    }

    async fn after(&self, call: &'static str) {
        self.before(call).await;
    }
}

struct Schedule {
    world: World,
    random: StdRng,
    files: Vec<FileKey>,
    deleted: Vec<FileKey>,
    waiting: BTreeMap<Number, oneshot::Sender<Verdict>>,
    jobs: BTreeMap<Number, JoinHandle<()>>,
    started: Number,
    /// What the converters did, in order.
    trace: Vec<String>,
    sender: mpsc::UnboundedSender<Event>,
    events: mpsc::UnboundedReceiver<Event>,
}

impl Schedule {
    async fn new(seed: u64) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        Self {
            world: World::new().await,
            random: StdRng::seed_from_u64(seed),
            files: Vec::new(),
            deleted: Vec::new(),
            waiting: BTreeMap::new(),
            jobs: BTreeMap::new(),
            started: 0,
            trace: Vec::new(),
            sender,
            events,
        }
    }

    async fn run(mut self) -> Vec<String> {
        for _ in 0..STEPS {
            match self.random.random_range(0..100) {
                0..60 => self.let_one_go_on().await,
                60..76 => self.start_one().await,
                76..79 => self.kill_one(),
                79..84 => {
                    let seconds = self.random.random_range(1..100);
                    self.world.clock.advance(Duration::from_secs(seconds));
                }
                84..90 => self.request().await,
                90..93 => self.delete().await,
                93..96 => {
                    if let Some(key) = self.any_file() {
                        self.world.send_convert(key).await;
                    }
                }
                96..98 => drop(self.world.sweeper().remove_orphans().await.unwrap()),
                _ => drop(self.world.sweeper().resend().await.unwrap()),
            }
        }
        // Half of those still at work die, the others wake up when all is over.
        for number in self.jobs.keys().copied().collect::<Vec<_>>() {
            if self.random.random_bool(0.5) {
                self.kill(number);
            }
        }
        self.world.settle().await;
        while !self.jobs.is_empty() {
            self.let_one_go_on().await;
        }
        self.world.assert_all_well(&self.files, &self.deleted).await;
        self.trace
    }

    fn any_file(&mut self) -> Option<FileKey> {
        self.files.choose(&mut self.random).copied()
    }

    fn any_job(&mut self) -> Option<Number> {
        let numbers: Vec<_> = self.jobs.keys().copied().collect();
        numbers.choose(&mut self.random).copied()
    }

    async fn request(&mut self) {
        let pages = [
            Page::Good,
            Page::Good,
            Page::Good,
            Page::Missing,
            Page::TooLarge,
            Page::Deadly,
        ];
        let page = *pages.choose(&mut self.random).unwrap();
        // Ids decide how long back-offs are, so they are drawn, too.
        let key = FileKey {
            user: UserId::from_uuid(Uuid::from_u128(self.random.random_range(1..4))),
            file: FileId::from_uuid(Uuid::from_u128(self.random.random())),
        };
        self.world.accept_as(key, page).await;
        self.files.push(key);
        if self.random.random_bool(0.9) {
            self.world.send_convert(key).await;
        }
    }

    async fn delete(&mut self) {
        let Some(key) = self.any_file() else { return };
        self.world.index().mark_deleting(key).await.unwrap();
        self.deleted.push(key);
        if self.random.random_bool(0.9) {
            self.world.send_delete(key).await;
        }
    }

    async fn start_one(&mut self) {
        if self.jobs.len() == MOST_CONVERTERS {
            return;
        }
        let queue = self.world.queue();
        let received = queue.receive(1, NONE, SETTINGS.lease).await.unwrap();
        let Some(delivery) = received.into_iter().next() else {
            return;
        };
        self.started += 1;
        let number = self.started;
        let events = self.sender.clone();
        let gate: Arc<dyn Gate> = Arc::new(Stop {
            number,
            events: events.clone(),
        });
        let settings = ConverterSettings {
            // The schedule decides who falls asleep.
            heartbeat: Duration::from_hours(1000),
            ..SETTINGS
        };
        let converter = self.world.converter_behind(&gate, settings);
        let job = tokio::spawn(async move {
            converter.handle(delivery, CancellationToken::new()).await;
            let _ = events.send(Event::Ended(number));
        });
        self.jobs.insert(number, job);
        self.until_it_waits(number).await;
    }

    async fn let_one_go_on(&mut self) {
        let Some(number) = self.any_job() else { return };
        let verdict = match self.random.random_range(0..20) {
            0 => Verdict::FailBefore,
            1 => Verdict::FailAfter,
            _ => Verdict::Go,
        };
        if let Some(reply) = self.waiting.remove(&number) {
            reply.send(verdict).unwrap();
            self.until_it_waits(number).await;
        }
    }

    /// Until the converter stands at its next call, or has ended.
    async fn until_it_waits(&mut self, number: Number) {
        loop {
            match self.events.recv().await.unwrap() {
                Event::Waits(who, call, reply) => {
                    self.trace.push(format!("{who} at {call}"));
                    self.waiting.insert(who, reply);
                    if who == number {
                        return;
                    }
                }
                Event::Ended(who) => {
                    self.trace.push(format!("{who} ended"));
                    self.jobs.remove(&who);
                    if who == number {
                        return;
                    }
                }
            }
        }
    }

    fn kill_one(&mut self) {
        if let Some(number) = self.any_job() {
            self.kill(number);
        }
    }

    fn kill(&mut self, number: Number) {
        self.waiting.remove(&number);
        if let Some(job) = self.jobs.remove(&number) {
            job.abort();
        }
    }
}

/// Aborts what a failed schedule leaves running, and says which one it was.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("PLATEN_SEED={} repeats this schedule", self.0);
        }
    }
}

fn seeds() -> Vec<u64> {
    let number = |name| env::var(name).ok().and_then(|text| text.parse().ok());
    match number("PLATEN_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("PLATEN_SEEDS").unwrap_or(20)).collect(),
    }
}

fn run(seed: u64) -> Vec<String> {
    let seed = Seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { Schedule::new(seed.0).await.run().await })
}

#[test]
fn every_schedule_ends_well() {
    for seed in seeds() {
        run(seed);
    }
}

#[test]
fn a_seed_decides_everything() {
    assert_eq!(run(7), run(7));
}
