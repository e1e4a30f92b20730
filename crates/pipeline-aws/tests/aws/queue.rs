//! The queue on every SQS there is.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use aws_sdk_sqs::types::MessageSystemAttributeName;
use platen_peers::Kind;
use platen_pipeline::{
    ConversionQueue, Delivery, Message, QueueError, Receipt,
    contract::{QueueHarness, Time, ids},
};
use platen_pipeline_aws::create_queues;

use crate::support::{aws, name};

/// The suite delivers a message three times.
const DELIVERIES: u16 = 3;

async fn harness(kind: Kind) -> QueueHarness {
    let aws = aws(kind).await;
    let queues = create_queues(aws.sqs_client(), &name(), DELIVERIES)
        .await
        .unwrap();
    QueueHarness {
        queue: Arc::new(aws.queue(queues.work)),
        dead_letters: Arc::new(aws.queue(queues.dead_letters)),
        max_receives: DELIVERIES.into(),
        time: Time::Passing,
        keep: Box::new(()),
    }
}

mod ministack {
    use super::{Kind, QueueHarness};

    async fn queue() -> QueueHarness {
        super::harness(Kind::MiniStack).await
    }

    platen_pipeline::conversion_queue_contract!(queue);
}

mod moto {
    use super::{Arc, Kind, NewestReceipt, QueueHarness};

    async fn queue() -> QueueHarness {
        let harness = super::harness(Kind::Moto).await;
        QueueHarness {
            queue: Arc::new(NewestReceipt::new(harness.queue)),
            ..harness
        }
    }

    platen_pipeline::conversion_queue_contract!(queue);
}

/// Keeps old receipts back. SQS honours only the newest receipt of a message; moto honours all that
/// it ever gave. That the queue itself does so is shown on `MiniStack`.
struct NewestReceipt {
    queue: Arc<dyn ConversionQueue>,
    /// By body, which no two messages of a test share.
    newest: Mutex<HashMap<String, Receipt>>,
    old: Mutex<HashSet<Receipt>>,
}

impl NewestReceipt {
    fn new(queue: Arc<dyn ConversionQueue>) -> Self {
        Self {
            queue,
            newest: Mutex::default(),
            old: Mutex::default(),
        }
    }

    fn is_old(&self, receipt: &Receipt) -> bool {
        self.old.lock().unwrap().contains(receipt)
    }
}

#[async_trait]
impl ConversionQueue for NewestReceipt {
    async fn send(&self, message: &Message) -> Result<(), QueueError> {
        self.queue.send(message).await
    }

    async fn receive(
        &self,
        max: u16,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        let deliveries = self.queue.receive(max, wait, visibility).await?;
        let mut newest = self.newest.lock().unwrap();
        for delivery in &deliveries {
            let receipt = delivery.receipt.clone();
            let before = newest.insert(delivery.body.clone(), receipt);
            self.old.lock().unwrap().extend(before);
        }
        Ok(deliveries)
    }

    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        if self.is_old(receipt) {
            return Ok(());
        }
        self.queue.extend(receipt, visibility).await
    }

    async fn ack(&self, receipt: &Receipt) -> Result<(), QueueError> {
        if self.is_old(receipt) {
            return Ok(());
        }
        self.queue.ack(receipt).await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.queue.ping().await
    }
}

/// What those see who look at the queue itself: the user as message group, and the trace.
#[tokio::test]
async fn a_message_names_its_user_and_its_trace() {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for kind in [Kind::MiniStack, Kind::Moto] {
        let aws = aws(kind).await;
        let queues = create_queues(aws.sqs_client(), &name(), DELIVERIES)
            .await
            .unwrap();
        let (user, file) = ids();
        let mut message = Message::convert(user, file);
        message.trace_parent = Some(trace.to_owned());
        aws.queue(queues.work.clone()).send(&message).await.unwrap();
        let received = aws
            .sqs_client()
            .receive_message()
            .queue_url(queues.work)
            .wait_time_seconds(5)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .unwrap();
        let [received] = received.messages() else {
            panic!("{received:?}");
        };
        let attribute = &received.message_attributes().unwrap()["traceparent"];
        assert_eq!(attribute.string_value(), Some(trace), "{kind:?}");
        let system = received.attributes().unwrap();
        let group = system.get(&MessageSystemAttributeName::MessageGroupId);
        assert_eq!(group, Some(&user.to_string()), "{kind:?}");
    }
}
