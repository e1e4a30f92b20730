//! Long renderings: signs of life, and losing the file in the middle.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use platen_converter::{ConverterSettings, Handled};
use platen_pipeline::{Claim, FencingToken, FileKey, FileState, contract::eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    double::Page,
    gate::{Gate, Open},
    world::{SETTINGS, World, soon},
};

impl World {
    /// Starts to render a slow page, and returns once it does.
    async fn start_slow(&self, cancel: &CancellationToken) -> (FileKey, JoinHandle<Handled>) {
        let key = self.request(Page::Slow).await;
        let delivery = self.receive().await;
        let converter = self.converter();
        let cancel = cancel.clone();
        let job = tokio::spawn(async move { converter.handle(delivery, cancel).await });
        self.running(1).await;
        (key, job)
    }

    pub(crate) async fn running(&self, pages: u32) {
        eventually("renderings", || async {
            (self.pages.running.load(Ordering::SeqCst) == pages).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_long_rendering_keeps_its_file_and_its_message() {
    let world = World::new().await;
    let (key, job) = world.start_slow(&CancellationToken::new()).await;
    for _ in 0..9 {
        world.clock.advance(SETTINGS.heartbeat);
        let now = platen_pipeline::Clock::now(world.clock.as_ref());
        eventually("a sign of life", || async {
            (world.record(key).await.updated_at == now).then_some(())
        })
        .await;
    }
    // Three leases later.
    let claim = world.index().claim(key, SETTINGS.lease).await.unwrap();
    assert!(matches!(claim, Claim::Busy { .. }), "{claim:?}");
    assert!(world.receive_all().await.is_empty());
    world.pages.slow.add_permits(1);
    assert_eq!(soon(job).await.unwrap(), Handled::Done);
    assert_eq!(world.record(key).await.token, FencingToken(1));
    world.assert_all_well(&[key], &[]).await;
}

#[tokio::test]
async fn a_deletion_stops_the_rendering() {
    let world = World::new().await;
    let (key, job) = world.start_slow(&CancellationToken::new()).await;
    world.delete(key).await;
    world.clock.advance(SETTINGS.heartbeat);
    assert_eq!(soon(job).await.unwrap(), Handled::Done);
    world.running(0).await;
    world.settle().await;
    world.assert_gone(key).await;
    assert_eq!(world.begun(), 1);
}

/// Without waiting for a sweep.
#[tokio::test]
async fn who_wakes_up_too_late_removes_what_it_stored() {
    let world = World::new().await;
    let key = world.request(Page::Slow).await;
    let settings = ConverterSettings {
        // Frozen: no sign of life.
        heartbeat: Duration::from_hours(1000),
        ..SETTINGS
    };
    let gate: Arc<dyn Gate> = Arc::new(Open);
    let late = world.converter_behind(&gate, settings);
    let delivery = world.receive().await;
    let job = tokio::spawn(async move { late.handle(delivery, CancellationToken::new()).await });
    world.running(1).await;

    world.pass_time();
    let other = world.index().claim(key, SETTINGS.lease).await.unwrap();
    assert!(matches!(other, Claim::Claimed(_)), "{other:?}");
    world.pages.slow.add_permits(1);
    assert_eq!(soon(job).await.unwrap(), Handled::Done);
    assert_eq!(world.objects().await, []);
    let record = world.record(key).await;
    assert_eq!(record.token, FencingToken(2));
    assert!(
        matches!(record.state, FileState::Rendering { .. }),
        "{record:?}"
    );
}

#[tokio::test]
async fn one_that_is_told_to_stop_gives_back_at_once() {
    let world = World::new().await;
    let cancel = CancellationToken::new();
    let (key, job) = world.start_slow(&cancel).await;
    cancel.cancel();
    assert_eq!(soon(job).await.unwrap(), Handled::Left);
    assert_eq!(world.record(key).await.state, FileState::Queued);
    world.running(0).await;

    world.pages.slow.add_permits(1);
    assert_eq!(world.handle_next().await, Handled::Done, "visible at once");
    world.assert_all_well(&[key], &[]).await;
}

#[tokio::test]
async fn a_job_that_is_stuck_is_given_up() {
    let world = World::new().await;
    let settings = ConverterSettings {
        job_limit: Duration::from_millis(20),
        ..SETTINGS
    };
    let gate: Arc<dyn Gate> = Arc::new(Open);
    let key = world.request(Page::Slow).await;
    let delivery = world.receive().await;
    let converter = world.converter_behind(&gate, settings);
    let handled = converter.handle(delivery, CancellationToken::new()).await;
    assert_eq!(handled, Handled::Left);
    assert_eq!(world.record(key).await.state, FileState::Queued);
}
