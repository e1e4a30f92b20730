//! Random walks through a queue whose clock can be moved.

use std::time::Duration;

use jiff::Timestamp;
use platen_api_types::{FileId, UserId};
use proptest::{collection::vec, prelude::*, test_runner::TestCaseResult};
use uuid::Uuid;

use super::walk_all;
use crate::{
    Clock, Delivery, Message, Receipt,
    contract::{ManualClock, QueueHarness, Time},
};

#[derive(Clone, Debug)]
enum Step {
    /// Milliseconds.
    Wait(u64),
    Send {
        user: u8,
    },
    Receive {
        max: u16,
        hidden: u64,
    },
    /// Which of the receipts given so far, counted from the newest; and milliseconds.
    Extend {
        receipt: usize,
        hidden: u64,
    },
    Ack {
        receipt: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let millis = || prop_oneof![Just(0_u64), 1..200_u64];
    prop_oneof![
        2 => (1..150_u64).prop_map(Step::Wait),
        3 => (0..3_u8).prop_map(|user| Step::Send { user }),
        4 => (1..4_u16, millis()).prop_map(|(max, hidden)| Step::Receive { max, hidden }),
        2 => (0..4_usize, millis()).prop_map(|(receipt, hidden)| Step::Extend { receipt, hidden }),
        2 => (0..4_usize).prop_map(|receipt| Step::Ack { receipt }),
    ]
}

/// A message as the model knows it.
#[derive(Clone, Debug)]
struct Sent {
    message: Message,
    visible_at: Timestamp,
    receives: u32,
    /// That of its newest delivery.
    receipt: Option<Receipt>,
}

struct Walk {
    harness: QueueHarness,
    sent: Vec<Sent>,
    receipts: Vec<Receipt>,
    files: u128,
}

/// Runs random sequences of calls against fresh queues, and checks that each could have answered
/// so: which message comes first is the queue's own affair.
///
/// # Panics
///
/// When the queue's clock cannot be moved.
pub fn compare<F>(factory: impl Fn() -> F)
where
    F: Future<Output = QueueHarness>,
{
    walk_all(&vec(step(), 1..80), |steps| async {
        let mut walk = Walk {
            harness: factory().await,
            sent: Vec::new(),
            receipts: Vec::new(),
            files: 0,
        };
        for step in steps {
            walk.take(&step).await?;
        }
        walk.drain().await
    });
}

impl Walk {
    fn clock(&self) -> &ManualClock {
        match &self.harness.time {
            Time::Moved(clock) => clock,
            Time::Passing => panic!("the clock cannot be moved"),
        }
    }

    async fn take(&mut self, step: &Step) -> TestCaseResult {
        match step {
            Step::Wait(millis) => self.clock().advance(Duration::from_millis(*millis)),
            Step::Send { user } => self.send(*user).await,
            Step::Receive { max, hidden } => {
                self.receive(*max, Duration::from_millis(*hidden)).await?;
            }
            Step::Extend { receipt, hidden } => {
                if let Some(receipt) = self.receipt(*receipt) {
                    let hidden = Duration::from_millis(*hidden);
                    self.harness.queue.extend(&receipt, hidden).await.unwrap();
                    let visible_at = self.clock().now() + hidden;
                    if let Some(sent) = self.held_by(&receipt) {
                        sent.visible_at = visible_at;
                    }
                }
            }
            Step::Ack { receipt } => {
                if let Some(receipt) = self.receipt(*receipt) {
                    self.harness.queue.ack(&receipt).await.unwrap();
                    self.sent
                        .retain(|sent| sent.receipt.as_ref() != Some(&receipt));
                }
            }
        }
        Ok(())
    }

    /// A receipt to use. Not that of a message about to go to the dead letters: whether it has
    /// gone already is the queue's own affair.
    fn receipt(&self, from_newest: usize) -> Option<Receipt> {
        let receipt = self.receipts.iter().rev().nth(from_newest)?;
        let (now, most) = (self.clock().now(), self.harness.max_receives);
        let doomed = self.sent.iter().any(|sent| {
            sent.receipt.as_ref() == Some(receipt)
                && sent.receives == most
                && sent.visible_at <= now
        });
        (!doomed).then(|| receipt.clone())
    }

    fn held_by(&mut self, receipt: &Receipt) -> Option<&mut Sent> {
        self.sent
            .iter_mut()
            .find(|sent| sent.receipt.as_ref() == Some(receipt))
    }

    async fn send(&mut self, user: u8) {
        self.files += 1;
        let user = UserId::from_uuid(Uuid::from_u128(u128::from(user) + 1));
        let message = Message::convert(user, FileId::from_uuid(Uuid::from_u128(self.files)));
        self.harness.queue.send(&message).await.unwrap();
        self.sent.push(Sent {
            message,
            visible_at: self.clock().now(),
            receives: 0,
            receipt: None,
        });
    }

    /// How many were received.
    async fn receive(&mut self, max: u16, hidden: Duration) -> Result<usize, TestCaseError> {
        let now = self.clock().now();
        let most = self.harness.max_receives;
        let received = self.harness.queue.receive(max, Duration::ZERO, hidden);
        let received = received.await.unwrap();
        prop_assert!(received.len() <= usize::from(max));
        let alive = |sent: &&Sent| sent.visible_at <= now && sent.receives < most;
        let visible = self.sent.iter().filter(alive).count();
        prop_assert_eq!(received.is_empty(), visible == 0, "{} are visible", visible);
        let count = received.len();
        for delivery in received {
            self.check(delivery, now, hidden)?;
        }
        Ok(count)
    }

    fn check(&mut self, delivery: Delivery, now: Timestamp, hidden: Duration) -> TestCaseResult {
        let message = delivery.message().unwrap();
        let most = self.harness.max_receives;
        let sent = self.sent.iter_mut().find(|sent| sent.message == message);
        let Some(sent) = sent else {
            return Err(TestCaseError::fail(format!(
                "was acknowledged: {message:?}"
            )));
        };
        prop_assert!(sent.visible_at <= now, "is hidden: {:?}", sent);
        prop_assert!(sent.receives < most, "is dead: {:?}", sent);
        sent.receives += 1;
        prop_assert_eq!(sent.receives, delivery.receive_count);
        sent.visible_at = now + hidden;
        sent.receipt = Some(delivery.receipt.clone());
        prop_assert!(!self.receipts.contains(&delivery.receipt));
        self.receipts.push(delivery.receipt);
        Ok(())
    }

    /// In the end every message is acknowledged, alive, or dead: exactly once.
    async fn drain(&mut self) -> TestCaseResult {
        let long = Duration::from_hours(1);
        self.clock().advance(long);
        while self.receive(10, long).await? > 0 {}
        let most = self.harness.max_receives;
        let now = self.clock().now();
        let mut expected: Vec<FileId> = self
            .sent
            .iter()
            .filter(|sent| sent.receives == most && sent.visible_at <= now)
            .map(|sent| sent.message.file)
            .collect();
        let mut dead = Vec::new();
        loop {
            let more = self.harness.dead_letters.receive(10, Duration::ZERO, long);
            let more = more.await.unwrap();
            if more.is_empty() {
                break;
            }
            dead.extend(more.iter().map(|delivery| delivery.message().unwrap().file));
        }
        expected.sort_unstable();
        dead.sort_unstable();
        prop_assert_eq!(dead, expected);
        Ok(())
    }
}
