//! What becomes of single messages.

use std::{sync::atomic::Ordering, time::Duration};

use futures::future::join_all;
use platen_api_types::FailureCode;
use platen_converter::Handled;
use platen_pipeline::{
    FencingToken, FileKey, FileState, Message, NewFile, Quota,
    contract::{content, ids, new_file},
};
use tokio_util::sync::CancellationToken;

use crate::{
    double::Page,
    world::{NONE, SETTINGS, World},
};

const MILLISECOND: Duration = Duration::from_millis(1);

impl World {
    pub(crate) async fn failure(&self, key: FileKey) -> FailureCode {
        match self.record(key).await.state {
            FileState::Failed { failure, .. } => failure.code,
            other => panic!("not failed: {other:?}"),
        }
    }

    pub(crate) fn begun(&self) -> u32 {
        self.pages.begun.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_page_becomes_ready() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    assert_eq!(world.handle_next().await, Handled::Done);
    let FileState::Ready { pdf, .. } = world.record(key).await.state else {
        panic!("not ready");
    };
    assert_eq!(pdf.title.as_deref(), Some("Rendering 0"));
    assert_eq!((pdf.final_url.as_str(), pdf.pages), (Page::Good.url(), 3));
    world.assert_all_well(&[key], &[]).await;
}

#[tokio::test]
async fn a_page_fails_for_its_own_reason_at_once() {
    let world = World::new().await;
    let missing = world.request(Page::Missing).await;
    assert_eq!(world.handle_next().await, Handled::Done);
    assert_eq!(world.failure(missing).await, FailureCode::HttpStatus);

    // Found out in the middle of storing it.
    let large = world.request(Page::TooLarge).await;
    assert_eq!(world.handle_next().await, Handled::Done);
    assert_eq!(world.failure(large).await, FailureCode::OutputTooLarge);
    assert_eq!(world.begun(), 2);
    world.assert_all_well(&[missing, large], &[]).await;
}

#[tokio::test]
async fn an_address_is_judged_again() {
    let world = World::new().await;
    for url in [
        "http://169.254.169.254/latest/",
        "http://localhost/",
        "file:///etc/passwd",
        "",
    ] {
        let (user, file) = ids();
        let url = url.to_owned();
        let new = NewFile {
            url,
            ..new_file(user, file)
        };
        world
            .index()
            .put_queued(new, Quota::UNLIMITED)
            .await
            .unwrap();
        let key = FileKey { user, file };
        world.send_convert(key).await;
        assert_eq!(world.handle_next().await, Handled::Done);
        assert_eq!(world.failure(key).await, FailureCode::DestinationBlocked);
    }
    assert_eq!(world.begun(), 0, "none was opened");
}

#[tokio::test]
async fn trouble_on_our_side_is_tried_five_times_with_growing_pauses() {
    let world = World::new().await;
    let key = world.request(Page::Deadly).await;
    for attempt in 1..=4 {
        assert_eq!(world.handle_next().await, Handled::Left);
        let record = world.record(key).await;
        assert_eq!(record.state, FileState::Queued);
        assert_eq!(record.attempts, attempt);
        // Hidden for at least half of 2, 4, 8, 16 seconds.
        let pause = SETTINGS.backoff * 2_u32.pow(attempt - 1);
        world.clock.advance((pause / 2).saturating_sub(MILLISECOND));
        assert!(world.receive_all().await.is_empty(), "attempt {attempt}");
        world.clock.advance(pause / 2 + MILLISECOND);
    }
    assert_eq!(world.handle_next().await, Handled::Done);
    assert_eq!(world.failure(key).await, FailureCode::InternalError);
    assert_eq!(world.begun(), 5);
    world.assert_all_well(&[key], &[]).await;

    // By hand it gets five more.
    world.index().requeue(key).await.unwrap();
    world.send_convert(key).await;
    assert_eq!(world.handle_next().await, Handled::Left);
    assert_eq!(world.record(key).await.attempts, 1);
    world.settle().await;
    assert_eq!(world.begun(), 10);
}

/// Without waiting for a sweep.
#[tokio::test]
async fn objects_of_earlier_attempts_go_with_the_outcome() {
    let world = World::new().await;
    for page in [Page::Good, Page::Missing] {
        let key = world.request(page).await;
        // Stored, and then the converter died.
        world.index().claim(key, SETTINGS.lease).await.unwrap();
        let (_, body) = content(1, 10);
        let object = world.record(key).await.pdf_key();
        world.store().put(&object, body).await.unwrap();
        world.pass_time();
        assert_eq!(world.handle_next().await, Handled::Done);
        assert_eq!(world.record(key).await.token, FencingToken(2));
        world.assert_ended(key).await;
    }
}

#[tokio::test]
async fn a_job_that_kills_its_converter_is_given_up() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    for _ in 0..SETTINGS.attempts {
        // Claimed, and never heard of again.
        world.index().claim(key, SETTINGS.lease).await.unwrap();
        world.pass_time();
    }
    assert_eq!(world.handle_next().await, Handled::Done);
    assert_eq!(world.failure(key).await, FailureCode::InternalError);
    assert_eq!(world.begun(), 0, "not rendered once more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_messages_for_one_file_render_it_once() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    for _ in 0..9 {
        world.send_convert(key).await;
    }
    let deliveries = world.receive_all().await;
    assert_eq!(deliveries.len(), 10);
    let jobs = deliveries.into_iter().map(|delivery| {
        let converter = world.converter();
        tokio::spawn(async move { converter.handle(delivery, CancellationToken::new()).await })
    });
    join_all(jobs).await;
    world.settle().await;
    assert_eq!(world.begun(), 1);
    assert_eq!(world.record(key).await.token, FencingToken(1));
    world.assert_all_well(&[key], &[]).await;
}

#[tokio::test]
async fn a_replay_changes_nothing() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    world.settle().await;
    let ready = world.record(key).await;
    world.send_convert(key).await;
    assert_eq!(world.handle_next().await, Handled::Done);
    assert_eq!(world.record(key).await, ready);

    // Nobody marked it: a delete message alone deletes nothing.
    world.send_delete(key).await;
    assert_eq!(world.handle_next().await, Handled::Done);
    assert_eq!(world.record(key).await, ready);

    world.delete(key).await;
    world.settle().await;
    world.assert_gone(key).await;
    for _ in 0..2 {
        world.send_convert(key).await;
        world.send_delete(key).await;
    }
    world.settle().await;
    assert_eq!(world.begun(), 1);
    world.assert_all_well(&[key], &[key]).await;
}

#[tokio::test]
async fn the_order_of_messages_does_not_matter() {
    let world = World::new().await;
    let mut files = Vec::new();
    for delete_first in [true, false] {
        let key = world.accept(Page::Good).await;
        world.index().mark_deleting(key).await.unwrap();
        let mut messages = [
            Message::convert(key.user, key.file),
            Message::delete(key.user, key.file),
        ];
        if delete_first {
            messages.reverse();
        }
        for message in &messages {
            world.queue().send(message).await.unwrap();
            assert_eq!(world.handle_next().await, Handled::Done);
        }
        world.assert_gone(key).await;
        files.push(key);
    }
    assert_eq!(world.begun(), 0);
    world.assert_all_well(&files, &files).await;
}

#[tokio::test]
async fn who_finds_a_file_taken_looks_again_when_the_lease_ends() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    world.index().claim(key, SETTINGS.lease).await.unwrap();
    world.clock.advance(SETTINGS.lease / 3);
    assert_eq!(world.handle_next().await, Handled::Left);
    world
        .clock
        .advance((SETTINGS.lease * 2 / 3).saturating_sub(MILLISECOND));
    assert!(world.receive_all().await.is_empty());
    world.clock.advance(MILLISECOND);
    assert_eq!(world.handle_next().await, Handled::Done);
    assert_eq!(world.record(key).await.token, FencingToken(2));
}

#[tokio::test]
async fn an_unreadable_message_is_left_to_the_dead_letters() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    let mut delivery = world.receive().await;
    for body in [
        "",
        "nonsense",
        r#"{"v":2}"#,
        "{\"v\":1,\"kind\":\"convert\"}",
    ] {
        body.clone_into(&mut delivery.body);
        let handled = world
            .converter()
            .handle(delivery.clone(), CancellationToken::new())
            .await;
        assert_eq!(handled, Handled::Left);
    }
    assert!(world.receive_all().await.is_empty(), "hidden as it was");
    world.queue().extend(&delivery.receipt, NONE).await.unwrap();
    assert_eq!(world.handle_next().await, Handled::Done);
    world.assert_all_well(&[key], &[]).await;
}
