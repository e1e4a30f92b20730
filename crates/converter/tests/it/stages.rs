//! How far a job has come, as others see it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::StreamExt;
use platen_api_types::{File, FileStatus, Stage};
use platen_converter::{ConverterSettings, Handled};
use platen_pipeline::{Claim, FencingToken, FileKey, FileState, contract::eventually};
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    double::Page,
    gate::{Gate, Verdict},
    world::{SETTINGS, World, soon},
};

/// Every stage is told as soon as the job gets to it.
const AT_ONCE: ConverterSettings = ConverterSettings {
    stage_patience: Duration::ZERO,
    ..SETTINGS
};

/// Counts what is told, and fails it when asked to.
struct Telling {
    verdict: Verdict,
    calls: AtomicU32,
    called: Notify,
}

impl Telling {
    fn new(verdict: Verdict) -> Arc<Self> {
        Arc::new(Self {
            verdict,
            calls: AtomicU32::new(0),
            called: Notify::new(),
        })
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Gate for Telling {
    async fn before(&self, call: &'static str) -> Verdict {
        if call != "advance" {
            return Verdict::Go;
        }
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.called.notify_one();
        self.verdict
    }

    async fn after(&self, _: &'static str) {}
}

impl World {
    /// Starts to render a page behind a gate, and returns once it is under way.
    async fn start(
        &self,
        page: Page,
        gate: &Arc<Telling>,
        settings: ConverterSettings,
    ) -> (FileKey, JoinHandle<Handled>) {
        let key = self.request(page).await;
        let delivery = self.receive().await;
        let gate: Arc<dyn Gate> = gate.clone();
        let converter = self.converter_behind(&gate, settings);
        let job =
            tokio::spawn(async move { converter.handle(delivery, CancellationToken::new()).await });
        self.running(1).await;
        (key, job)
    }

    async fn stage(&self, key: FileKey) -> Option<Stage> {
        File::from(self.record(key).await).stage
    }

    async fn reaches(&self, key: FileKey, stage: Stage) {
        eventually("a stage", || async {
            (self.stage(key).await == Some(stage)).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_slow_page_tells_its_stages_in_order() {
    let world = World::new().await;
    let telling = Telling::new(Verdict::Go);
    let (key, job) = world.start(Page::Halting, &telling, AT_ONCE).await;
    let mut changes = world.index().changes(key.user, None);
    // The claim has told the first: loading costs no write of its own.
    assert_eq!(world.stage(key).await, Some(Stage::Loading));
    assert_eq!(telling.calls(), 0);

    for (calls, stage) in [(1, Stage::Printing), (2, Stage::Saving)] {
        world.pages.slow.add_permits(1);
        world.reaches(key, stage).await;
        assert_eq!(telling.calls(), calls, "{stage}");
        let change = soon(changes.next()).await.unwrap().unwrap();
        assert_eq!(File::from(change.record).stage, Some(stage));
    }
    world.pages.slow.add_permits(2);
    assert_eq!(soon(job).await.unwrap(), Handled::Done);
    // After its end nothing is told but the end.
    let change = soon(changes.next()).await.unwrap().unwrap();
    let file = File::from(change.record);
    assert_eq!((file.status, file.stage), (FileStatus::Ready, None));
    assert_eq!(telling.calls(), 2);
    world.assert_all_well(&[key], &[]).await;
}

#[tokio::test]
async fn a_quick_page_tells_nothing() {
    let world = World::new().await;
    let telling = Telling::new(Verdict::Go);
    let key = world.request(Page::Good).await;
    let gate: Arc<dyn Gate> = telling.clone();
    let converter = world.converter_behind(&gate, SETTINGS);
    let delivery = world.receive().await;
    let handled = converter.handle(delivery, CancellationToken::new()).await;
    assert_eq!(handled, Handled::Done);
    assert_eq!(telling.calls(), 0);
    world.assert_all_well(&[key], &[]).await;
}

/// It begins to wait anew with every stage.
#[tokio::test]
async fn a_stage_that_is_over_at_once_is_not_told() {
    let world = World::new().await;
    let telling = Telling::new(Verdict::Go);
    let settings = ConverterSettings {
        stage_patience: Duration::from_millis(20),
        ..SETTINGS
    };
    let (key, job) = world.start(Page::Halting, &telling, settings).await;
    let mut changes = world.index().changes(key.user, None);
    // Loaded and printed: then it stands still while its PDF is read.
    world.pages.slow.add_permits(2);
    let change = soon(changes.next()).await.unwrap().unwrap();
    assert_eq!(File::from(change.record).stage, Some(Stage::Saving));
    world.pages.slow.add_permits(2);
    assert_eq!(soon(job).await.unwrap(), Handled::Done);
    assert_eq!(telling.calls(), 1);
}

#[tokio::test]
async fn who_lost_the_file_tells_nothing_and_stops() {
    let world = World::new().await;
    let telling = Telling::new(Verdict::Go);
    let settings = ConverterSettings {
        // No sign of life, and so no other way to learn that another took over.
        heartbeat: Duration::from_hours(1000),
        ..AT_ONCE
    };
    let (key, job) = world.start(Page::Halting, &telling, settings).await;
    world.pass_time();
    let claim = world.index().claim(key, SETTINGS.lease).await.unwrap();
    assert!(matches!(claim, Claim::Claimed(_)), "{claim:?}");
    let taken = world.record(key).await;
    world.pages.slow.add_permits(1);
    assert_eq!(soon(job).await.unwrap(), Handled::Done);
    assert_eq!(telling.calls(), 1, "asked once");
    assert_eq!(world.record(key).await, taken);
    assert_eq!(taken.token, FencingToken(2));
    assert_eq!(world.objects().await, []);
}

#[tokio::test]
async fn a_stage_that_cannot_be_told_fails_nothing() {
    for verdict in [Verdict::FailBefore, Verdict::FailAfter] {
        let world = World::new().await;
        let telling = Telling::new(verdict);
        let (key, job) = world.start(Page::Halting, &telling, AT_ONCE).await;
        world.pages.slow.add_permits(1);
        soon(telling.called.notified()).await;
        world.pages.slow.add_permits(3);
        assert_eq!(soon(job).await.unwrap(), Handled::Done);
        let record = world.record(key).await;
        assert!(
            matches!(record.state, FileState::Ready { .. }),
            "{record:?}"
        );
        assert_eq!(record.attempts, 1);
        world.assert_all_well(&[key], &[]).await;
    }
}
