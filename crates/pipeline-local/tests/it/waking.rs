//! Waiting without polling.

use std::{sync::Arc, time::Duration};

use platen_pipeline::{ConversionQueue, Message, SystemClock, contract::ids};
use platen_pipeline_local::{LocalPipeline, LocalSettings};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::common::open;

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_hidden_message_wakes_its_receiver_when_it_appears() {
    let folder = TempDir::new().unwrap();
    let settings = LocalSettings::default();
    let pipeline = LocalPipeline::open(folder.path(), Arc::new(SystemClock), settings)
        .await
        .unwrap();
    let (user, file) = ids();
    pipeline
        .queue
        .send(&Message::convert(user, file))
        .await
        .unwrap();
    let hidden = Duration::from_millis(150);
    pipeline.queue.receive(1, LONG, hidden).await.unwrap();
    let start = Instant::now();
    let received = pipeline.queue.receive(1, LONG, hidden).await.unwrap();
    assert_eq!(received[0].receive_count, 2);
    let waited = start.elapsed();
    assert!(waited > hidden / 2 && waited < LONG / 4, "{waited:?}");
}

/// Clocks are set right now and then, and not only forward.
#[tokio::test]
async fn what_nobody_has_in_hand_does_not_wait_for_a_clock_set_back() {
    let opened = open().await;
    let queue = &opened.pipeline.queue;
    let (user, file) = ids();
    queue.send(&Message::convert(user, file)).await.unwrap();
    let back = jiff::SignedDuration::from_mins(-10);
    opened.clock.turn(back);
    let received = queue.receive(1, Duration::ZERO, LONG).await.unwrap();
    queue
        .extend(&received[0].receipt, Duration::ZERO)
        .await
        .unwrap();
    opened.clock.turn(back);
    let received = queue.receive(1, Duration::ZERO, LONG).await.unwrap();
    assert_eq!(received[0].receive_count, 2);
}

#[tokio::test]
async fn a_moved_clock_wakes_a_receiver() {
    let opened = open().await;
    let queue = opened.pipeline.queue.clone();
    let (user, file) = ids();
    queue.send(&Message::convert(user, file)).await.unwrap();
    let hidden = Duration::from_hours(1);
    queue.receive(1, LONG, hidden).await.unwrap();
    let waiting = tokio::spawn(async move { queue.receive(1, LONG, hidden).await });
    tokio::task::yield_now().await;
    opened.clock.advance(hidden);
    assert_eq!(waiting.await.unwrap().unwrap().len(), 1);
}

/// Many receivers, many messages: whatever the order of sends and waits, none is forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_wake_up_is_lost() {
    let opened = open().await;
    let receivers: Vec<_> = (0..4)
        .map(|_| {
            let queue = opened.pipeline.queue.clone();
            tokio::spawn(async move {
                let mut taken = 0;
                while taken < 25 {
                    let start = Instant::now();
                    for delivery in queue.receive(1, LONG, LONG).await.unwrap() {
                        queue.ack(&delivery.receipt).await.unwrap();
                        taken += 1;
                    }
                    assert!(start.elapsed() < LONG, "a message was slept through");
                }
            })
        })
        .collect();
    for round in 0..100_u32 {
        let (user, file) = ids();
        let message = Message::convert(user, file);
        opened.pipeline.queue.send(&message).await.unwrap();
        if round % 3 == 0 {
            tokio::task::yield_now().await;
        }
    }
    for receiver in receivers {
        receiver.await.unwrap();
    }
}
