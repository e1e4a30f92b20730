//! Messages that were delivered too often.

use platen_api_types::FailureCode;
use platen_converter::Handled;
use platen_pipeline::{ConversionQueue, Delivery, FileState};

use crate::{
    double::Page,
    world::{MAX_RECEIVES, NONE, SETTINGS, World},
};

impl World {
    /// Takes the visible message until it is dead.
    async fn kill_message(&self) {
        for _ in 0..MAX_RECEIVES {
            let delivery = self.receive().await;
            self.queue().extend(&delivery.receipt, NONE).await.unwrap();
        }
        assert!(self.receive_all().await.is_empty());
    }

    async fn dead_letter(&self) -> Option<Delivery> {
        let queue = &self.pipeline.dead_letters;
        let mut received = queue.receive(10, NONE, SETTINGS.lease).await.unwrap();
        assert!(received.len() < 2, "{received:?}");
        received.pop()
    }

    async fn bury(&self, delivery: Delivery) -> Handled {
        self.undertaker().bury(delivery).await
    }
}

#[tokio::test]
async fn a_dead_conversion_has_failed() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    world.kill_message().await;
    let dead = world.dead_letter().await.unwrap();
    assert_eq!(world.bury(dead).await, Handled::Done);
    assert_eq!(world.failure(key).await, FailureCode::InternalError);
    world.pass_time();
    assert!(world.dead_letter().await.is_none());
    world.assert_all_well(&[key], &[]).await;
}

#[tokio::test]
async fn a_dead_letter_waits_for_a_living_converter() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    world.kill_message().await;
    world.index().claim(key, SETTINGS.lease).await.unwrap();
    let dead = world.dead_letter().await.unwrap();
    assert_eq!(world.bury(dead).await, Handled::Left);
    assert!(matches!(
        world.record(key).await.state,
        FileState::Rendering { .. }
    ));
    world.clock.advance(SETTINGS.lease);
    let dead = world.dead_letter().await.unwrap();
    assert_eq!(world.bury(dead).await, Handled::Done);
    assert_eq!(world.failure(key).await, FailureCode::InternalError);
}

#[tokio::test]
async fn a_dead_letter_leaves_what_has_ended_alone() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    world.settle().await;
    let ready = world.record(key).await;
    world.send_convert(key).await;
    world.kill_message().await;
    let dead = world.dead_letter().await.unwrap();
    assert_eq!(world.bury(dead).await, Handled::Done);
    assert_eq!(world.record(key).await, ready);
    world.assert_all_well(&[key], &[]).await;
}

#[tokio::test]
async fn a_dead_deletion_deletes() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    world.settle().await;
    world.delete(key).await;
    world.kill_message().await;
    let dead = world.dead_letter().await.unwrap();
    assert_eq!(world.bury(dead).await, Handled::Done);
    world.assert_gone(key).await;
}

#[tokio::test]
async fn an_unreadable_dead_letter_is_dropped() {
    let world = World::new().await;
    world.request(Page::Good).await;
    world.kill_message().await;
    let mut dead = world.dead_letter().await.unwrap();
    "nonsense".clone_into(&mut dead.body);
    assert_eq!(world.bury(dead).await, Handled::Done);
    world.pass_time();
    assert!(world.dead_letter().await.is_none());
}
