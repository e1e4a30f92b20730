//! Repairs.

use platen_converter::{SweepError, Sweeper, SweeperSettings};
use platen_pipeline::{
    FencingToken, FileState, PdfKey,
    contract::{content, eventually, ids},
};
use tokio_util::sync::CancellationToken;

use crate::{
    double::Page,
    world::{SETTINGS, World, soon},
};

#[tokio::test]
async fn work_whose_message_was_never_sent_is_sent() {
    let world = World::new().await;
    let lost = world.accept(Page::Good).await;
    let doomed = world.accept(Page::Good).await;
    world.index().mark_deleting(doomed).await.unwrap();
    let abandoned = world.accept(Page::Good).await;
    world
        .index()
        .claim(abandoned, SETTINGS.lease)
        .await
        .unwrap();

    assert_eq!(world.sweeper().resend().await.unwrap(), 0, "not yet");
    world
        .clock
        .advance(SweeperSettings::default().stale_after * 2);
    assert_eq!(world.sweeper().resend().await.unwrap(), 3);
    assert_eq!(world.sweeper().resend().await.unwrap(), 0, "once is enough");
    world
        .assert_all_well(&[lost, doomed, abandoned], &[doomed])
        .await;
}

#[tokio::test]
async fn more_lost_work_than_one_look_takes() {
    let world = World::new().await;
    for _ in 0..130 {
        world.accept(Page::Good).await;
    }
    world
        .clock
        .advance(SweeperSettings::default().stale_after * 2);
    assert_eq!(world.sweeper().resend().await.unwrap(), 130);
}

#[tokio::test]
async fn only_objects_that_nobody_accounts_for_are_removed() {
    let world = World::new().await;
    let ready = world.request(Page::Good).await;
    world.settle().await;
    let queued = world.accept(Page::Good).await;
    let rendering = world.accept(Page::Good).await;
    world
        .index()
        .claim(rendering, SETTINGS.lease)
        .await
        .unwrap();
    world.pass_time();
    world
        .index()
        .claim(rendering, SETTINGS.lease)
        .await
        .unwrap();
    let gone = world.accept(Page::Good).await;
    world.index().mark_deleting(gone).await.unwrap();
    world.index().remove(gone).await.unwrap();

    for key in [ready, queued, rendering, gone] {
        for token in [1, 2, 3] {
            let token = FencingToken(token);
            let object = PdfKey {
                user: key.user,
                file: key.file,
                token,
            };
            if (key, token.0) != (ready, 1) {
                let (_, body) = content(1, 10);
                world.store().put(&object, body).await.unwrap();
            }
        }
    }
    assert_eq!(world.sweeper().remove_orphans().await.unwrap(), 10);
    let mut kept = vec![
        world.record(ready).await.pdf_key(),
        // Its holder may be about to finish.
        world.record(rendering).await.pdf_key(),
    ];
    kept.sort_by_key(ToString::to_string);
    assert_eq!(world.objects().await, kept);
    assert!(matches!(
        world.record(ready).await.state,
        FileState::Ready { .. }
    ));
    world.assert_ended(ready).await;
}

/// As they would be beside an empty table, or one from last week's backup.
#[tokio::test]
async fn more_objects_without_a_record_than_crashes_leave_are_kept() {
    let world = World::new().await;
    let user = ids().0;
    let put = async || {
        let object = PdfKey {
            user,
            file: ids().1,
            token: FencingToken(1),
        };
        world.store().put(&object, content(1, 10).1).await.unwrap();
    };
    for _ in 0..100 {
        put().await;
    }
    assert_eq!(world.sweeper().remove_orphans().await.unwrap(), 100);
    for _ in 0..101 {
        put().await;
    }
    let refused = world.sweeper().remove_orphans().await.unwrap_err();
    assert!(
        matches!(
            refused,
            SweepError::Implausible {
                unknown: 101,
                seen: 101
            }
        ),
        "{refused}"
    );
    assert_eq!(world.objects().await.len(), 101);
}

#[tokio::test]
async fn a_sweeper_repairs_by_itself_until_it_is_stopped() {
    let world = World::new().await;
    let lost = world.accept(Page::Good).await;
    let stop = CancellationToken::new();
    let sweeper = world.sweeper();
    let stopped = stop.clone();
    let running = tokio::spawn(async move { sweeper.run(stopped).await });
    world
        .clock
        .advance(SweeperSettings::default().stale_after * 2);
    let wait = std::time::Duration::from_secs(10);
    let received = world
        .queue()
        .receive(1, wait, SETTINGS.lease)
        .await
        .unwrap();
    assert_eq!(received[0].message().unwrap().file, lost.file);
    stop.cancel();
    soon(running).await.unwrap();
}

#[tokio::test]
async fn the_first_look_for_orphans_can_be_put_off() {
    let world = World::new().await;
    let lost = world.accept(Page::Good).await;
    let orphan = PdfKey {
        user: lost.user,
        file: ids().1,
        token: FencingToken(1),
    };
    world.store().put(&orphan, content(1, 10).1).await.unwrap();
    let hour = std::time::Duration::from_hours(1);
    let settings = SweeperSettings {
        orphans_after: hour,
        ..SweeperSettings::default()
    };
    let sweeper = Sweeper::new(world.ports.clone(), world.clock.clone(), settings);
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let running = tokio::spawn(async move { sweeper.run(stopped).await });
    // A sign that it is at work.
    world.clock.advance(settings.stale_after * 2);
    let wait = std::time::Duration::from_secs(10);
    let received = world
        .queue()
        .receive(1, wait, SETTINGS.lease)
        .await
        .unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(world.store().keys(None, 10).await.unwrap(), [orphan]);

    world.clock.advance(hour);
    eventually("the orphan is gone", || async {
        let left = world.store().keys(None, 10).await.unwrap();
        left.is_empty().then_some(())
    })
    .await;
    stop.cancel();
    soon(running).await.unwrap();
}
