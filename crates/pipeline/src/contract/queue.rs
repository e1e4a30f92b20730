//! Properties of every [`ConversionQueue`](crate::ConversionQueue).

use std::{collections::HashSet, time::Duration};

use futures::future::join_all;
use tokio::time::Instant;

use super::{QueueHarness, eventually, ids};
use crate::{ConversionQueue, Delivery, Message, Receipt};

/// The suite for a queue. `$factory` is the path of an `async fn() -> QueueHarness`.
#[macro_export]
macro_rules! conversion_queue_contract {
    ($factory:path) => {
        $crate::contract_tests! { $factory, $crate::contract::queue,
            what_is_sent_is_received
            a_received_message_is_hidden
            a_message_comes_again_when_its_visibility_ends
            extending_hides_for_longer
            extending_by_nothing_gives_back
            an_acknowledged_message_is_gone
            a_stale_receipt_does_nothing
            a_foreign_receipt_does_nothing
            concurrent_receivers_get_different_messages
            no_more_than_asked_for
            a_waiting_receiver_is_woken_by_a_send
            a_waiting_receiver_is_woken_by_a_message_given_back
            waiting_for_nothing_ends_in_time
            an_abandoned_wait_takes_nothing_with_it
            too_many_deliveries_lead_to_the_dead_letters
        }
    };
    // For a queue whose clock can be moved, also random walks.
    ($factory:path, walk) => {
        $crate::conversion_queue_contract!($factory);

        #[test]
        fn the_queue_does_as_it_may() {
            $crate::contract::walk::compare_queue($factory);
        }
    };
}

const NONE: Duration = Duration::ZERO;
/// Longer than any test may take.
const LONG: Duration = Duration::from_secs(20);

impl QueueHarness {
    async fn send(&self) -> Message {
        let (user, file) = ids();
        let message = Message::convert(user, file);
        self.queue.send(&message).await.unwrap();
        message
    }

    /// What is there now; servers may need a moment to know.
    async fn receive(&self) -> Delivery {
        self.receive_from(self.queue.as_ref()).await
    }

    async fn receive_from(&self, queue: &dyn ConversionQueue) -> Delivery {
        eventually("a delivery", || async {
            let received = queue.receive(1, NONE, self.visibility()).await.unwrap();
            received.into_iter().next()
        })
        .await
    }

    async fn assert_nothing_visible(&self) {
        let received = self.queue.receive(10, NONE, self.visibility()).await;
        let received = received.unwrap();
        assert!(received.is_empty(), "{received:?}");
    }
}

pub async fn what_is_sent_is_received(harness: &QueueHarness) {
    harness.assert_nothing_visible().await;
    let mut sent = Vec::new();
    for job in [Message::convert, Message::delete] {
        let (user, file) = ids();
        let mut message = job(user, file);
        message.trace_parent =
            Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
        harness.queue.send(&message).await.unwrap();
        sent.push(message);
    }
    for _ in 0..2 {
        let delivery = harness.receive().await;
        assert_eq!(delivery.receive_count, 1);
        let message = delivery.message().unwrap();
        let at = sent.iter().position(|sent| *sent == message);
        sent.remove(at.unwrap());
    }
}

pub async fn a_received_message_is_hidden(harness: &QueueHarness) {
    harness.send().await;
    harness.receive().await;
    harness.assert_nothing_visible().await;
}

pub async fn a_message_comes_again_when_its_visibility_ends(harness: &QueueHarness) {
    let message = harness.send().await;
    let first = harness.receive().await;
    harness.pass_visibility().await;
    let second = harness.receive().await;
    assert_eq!(second.message().unwrap(), message);
    assert_eq!((first.receive_count, second.receive_count), (1, 2));
    assert_eq!(first.sent_at, second.sent_at);
    assert_ne!(first.receipt, second.receipt);
}

pub async fn extending_hides_for_longer(harness: &QueueHarness) {
    harness.send().await;
    let delivery = harness.receive().await;
    let twice = harness.visibility() * 2;
    harness
        .queue
        .extend(&delivery.receipt, twice)
        .await
        .unwrap();
    harness.pass_visibility().await;
    harness.assert_nothing_visible().await;
    harness.pass_visibility().await;
    assert_eq!(harness.receive().await.receive_count, 2);
}

pub async fn extending_by_nothing_gives_back(harness: &QueueHarness) {
    harness.send().await;
    let delivery = harness.receive().await;
    harness.queue.extend(&delivery.receipt, NONE).await.unwrap();
    assert_eq!(harness.receive().await.receive_count, 2);
}

pub async fn an_acknowledged_message_is_gone(harness: &QueueHarness) {
    harness.send().await;
    let delivery = harness.receive().await;
    for _ in 0..2 {
        harness.queue.ack(&delivery.receipt).await.unwrap();
    }
    harness.queue.extend(&delivery.receipt, NONE).await.unwrap();
    harness.pass_visibility().await;
    harness.assert_nothing_visible().await;
}

pub async fn a_stale_receipt_does_nothing(harness: &QueueHarness) {
    harness.send().await;
    let stale = harness.receive().await.receipt;
    harness.pass_visibility().await;
    let delivery = harness.receive().await;

    harness.queue.ack(&stale).await.unwrap();
    harness.queue.extend(&stale, NONE).await.unwrap();
    harness.assert_nothing_visible().await;
    harness.queue.extend(&delivery.receipt, NONE).await.unwrap();
    assert_eq!(harness.receive().await.receive_count, 3);
}

pub async fn a_foreign_receipt_does_nothing(harness: &QueueHarness) {
    harness.send().await;
    let delivery = harness.receive().await;
    harness.queue.extend(&delivery.receipt, NONE).await.unwrap();
    for foreign in ["", "x", "1", "1.x", "-1.1", "99999999999999999999.1"] {
        let foreign = Receipt(foreign.to_owned());
        // Servers may call it an error, or let it pass.
        let _ = harness.queue.ack(&foreign).await;
        let _ = harness.queue.extend(&foreign, NONE).await;
    }
    harness.receive().await;
}

pub async fn concurrent_receivers_get_different_messages(harness: &QueueHarness) {
    let mut sent = HashSet::new();
    for _ in 0..12 {
        sent.insert(harness.send().await.file);
    }
    let mut received = Vec::new();
    while received.len() < sent.len() {
        let visibility = harness.visibility();
        let rounds = (0..6).map(|_| harness.queue.receive(3, NONE, visibility));
        for deliveries in join_all(rounds).await {
            for delivery in deliveries.unwrap() {
                received.push(delivery.message().unwrap().file);
            }
        }
    }
    let distinct: HashSet<_> = received.iter().copied().collect();
    assert_eq!((received.len(), distinct), (sent.len(), sent));
}

pub async fn no_more_than_asked_for(harness: &QueueHarness) {
    for _ in 0..4 {
        harness.send().await;
    }
    let visibility = harness.visibility();
    let received = harness.queue.receive(3, LONG, visibility).await.unwrap();
    assert!((1..=3).contains(&received.len()), "{received:?}");
}

pub async fn a_waiting_receiver_is_woken_by_a_send(harness: &QueueHarness) {
    let start = Instant::now();
    let queue = harness.queue.clone();
    let visibility = harness.visibility();
    let waiting = tokio::spawn(async move { queue.receive(1, LONG, visibility).await });
    // Runs once the receiver has started, as far as that can be seen from here.
    tokio::task::yield_now().await;
    let sent = harness.send().await;
    let received = waiting.await.unwrap().unwrap();
    assert_eq!(received[0].message().unwrap(), sent);
    assert!(start.elapsed() < LONG / 10, "{:?}", start.elapsed());
}

pub async fn a_waiting_receiver_is_woken_by_a_message_given_back(harness: &QueueHarness) {
    harness.send().await;
    let delivery = harness.receive().await;
    let start = Instant::now();
    let queue = harness.queue.clone();
    let visibility = harness.visibility();
    let waiting = tokio::spawn(async move { queue.receive(1, LONG, visibility).await });
    tokio::task::yield_now().await;
    harness.queue.extend(&delivery.receipt, NONE).await.unwrap();
    let received = waiting.await.unwrap().unwrap();
    assert_eq!(received[0].receive_count, 2);
    assert!(start.elapsed() < LONG / 4, "{:?}", start.elapsed());
}

pub async fn waiting_for_nothing_ends_in_time(harness: &QueueHarness) {
    // Servers count whole seconds.
    let wait = Duration::from_secs(1);
    let start = Instant::now();
    let received = harness.queue.receive(1, wait, harness.visibility()).await;
    assert!(received.unwrap().is_empty());
    let waited = start.elapsed();
    assert!(waited >= wait / 2 && waited < LONG / 4, "{waited:?}");
}

pub async fn an_abandoned_wait_takes_nothing_with_it(harness: &QueueHarness) {
    // Fewer than the deliveries after which a message is a dead letter.
    let abandoned = harness.max_receives - 1;
    for _ in 0..abandoned {
        let waiting = harness.queue.receive(1, LONG, harness.visibility());
        tokio::select! {
            biased;
            _ = waiting => panic!("nothing was sent"),
            () = tokio::task::yield_now() => {}
        }
    }
    let sent = harness.send().await;
    // A server that has not noticed may deliver to each of them once; then, when the message
    // becomes visible again, to somebody who is there.
    for _ in 0..abandoned {
        let visibility = harness.visibility();
        let soon = harness.queue.receive(1, LONG / 20, visibility).await;
        if let Some(delivery) = soon.unwrap().pop() {
            assert_eq!(delivery.message().unwrap(), sent);
            return;
        }
        harness.pass_visibility().await;
    }
    let delivery = harness.receive().await;
    assert_eq!(delivery.message().unwrap(), sent);
}

pub async fn too_many_deliveries_lead_to_the_dead_letters(harness: &QueueHarness) {
    let sent = harness.send().await;
    let other = harness.send().await;
    let mut deliveries = [harness.receive().await, harness.receive().await];
    deliveries.sort_by_key(|delivery| delivery.message().unwrap() == other);
    let [mut last, kept] = deliveries;
    harness.queue.ack(&kept.receipt).await.unwrap();
    for receive_count in 1..=harness.max_receives {
        assert_eq!(last.message().unwrap(), sent);
        assert_eq!(last.receive_count, receive_count);
        harness.queue.extend(&last.receipt, NONE).await.unwrap();
        if receive_count < harness.max_receives {
            last = harness.receive().await;
        }
    }
    // It moves when it would be delivered once more.
    harness.assert_nothing_visible().await;
    let dead = harness.receive_from(harness.dead_letters.as_ref()).await;
    assert_eq!(dead.message().unwrap(), sent);
    harness.queue.ack(&last.receipt).await.unwrap();
    harness.dead_letters.ack(&dead.receipt).await.unwrap();
    harness.pass_visibility().await;
    let rest = harness.dead_letters.receive(1, NONE, harness.visibility());
    assert!(rest.await.unwrap().is_empty());
}
