//! Users take turns.

use std::time::Duration;

use platen_api_types::UserId;
use platen_pipeline::{ConversionQueue, Message, contract::ids};

use crate::common::{Opened, open};

impl Opened {
    async fn send_some(&self, user: UserId, messages: u32) {
        for _ in 0..messages {
            let message = Message::convert(user, ids().1);
            self.pipeline.queue.send(&message).await.unwrap();
        }
    }

    /// Users of the next messages, taken one by one.
    async fn next(&self, messages: usize) -> Vec<UserId> {
        let mut users = Vec::new();
        for _ in 0..messages {
            let queue = &self.pipeline.queue;
            let hidden = Duration::from_hours(1);
            let mut received = queue.receive(1, Duration::ZERO, hidden).await.unwrap();
            users.push(received.remove(0).message().unwrap().user);
        }
        users
    }
}

#[tokio::test]
async fn one_users_many_do_not_hold_up_anothers_few() {
    let opened = open().await;
    let (busy, _) = ids();
    let (other, _) = ids();
    let (late, _) = ids();
    opened.send_some(busy, 30).await;
    opened.send_some(other, 3).await;
    let first = opened.next(6).await;
    let of_other = first.iter().filter(|user| **user == other).count();
    assert_eq!(of_other, 3, "every second one");

    // Who comes later does not have to make up for what was done before.
    assert_eq!(opened.next(10).await, [busy; 10]);
    opened.send_some(late, 2).await;
    let next = opened.next(4).await;
    let of_late = next.iter().filter(|user| **user == late).count();
    assert_eq!(of_late, 2);
    assert_eq!(opened.next(15).await, [busy; 15], "nothing is lost");
}
