//! Lambda's Runtime API, and what an event-source mapping does around it.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as Attribute};
use lambda_simulator::{InvocationBuilder, InvocationStatus, Simulator};
use platen_pipeline::{ConversionQueue as _, Receipt};
use platen_tests::within;
use serde_json::{Value, json};

use crate::{
    bootstrap::Bootstrap,
    stack::{PATIENCE, Stack},
};

/// A function environment.
pub(crate) struct Lambda {
    simulator: Simulator,
    pub program: Bootstrap,
}

/// What came of an invocation.
#[derive(Debug)]
pub(crate) struct Answer {
    pub request_id: String,
    /// Bodies of the messages that were reported as failed.
    pub failed: Vec<String>,
    pub took: Duration,
}

impl Lambda {
    pub(crate) async fn start(stack: &Stack, more: &[(&str, &str)]) -> Self {
        let simulator = Simulator::builder().memory_size_mb(2048).build();
        let simulator = simulator.await.unwrap();
        let mut environment: Vec<_> = simulator.lambda_env_vars().into_iter().collect();
        environment.extend(stack.environment().await);
        let more = more.iter();
        environment.extend(more.map(|&(name, value)| (name.to_owned(), value.to_owned())));
        Self {
            program: Bootstrap::start(&[], &environment),
            simulator,
        }
    }

    /// Receives `count` messages, has the function handle them within `time`, and deletes those that it
    /// does not report.
    pub(crate) async fn invoke(&self, stack: &Stack, count: usize, time: Duration) -> Answer {
        self.thaw_and_invoke(stack, count, time, || ()).await
    }

    /// The same, but the program is frozen, and `thaw` is called when the event waits for it.
    pub(crate) async fn thaw_and_invoke(
        &self,
        stack: &Stack,
        count: usize,
        time: Duration,
        thaw: impl FnOnce(),
    ) -> Answer {
        let messages = receive(stack, count).await;
        let records: Vec<Value> = messages.iter().map(record).collect();
        // The time-out of a function begins when it is ready.
        self.program.until_logged("ready").await;
        let invocation = InvocationBuilder::new()
            .payload(json!({ "Records": records }))
            .timeout_ms(time.as_millis().try_into().unwrap())
            .build()
            .unwrap();
        let start = Instant::now();
        let request_id = self.simulator.enqueue(invocation).await;
        thaw();
        let state = self
            .simulator
            .wait_for_invocation_complete(&request_id, PATIENCE)
            .await
            .unwrap();
        let took = start.elapsed();
        assert_eq!(state.status, InvocationStatus::Success, "{:?}", state.error);
        let answer = state.response.unwrap().payload;
        let failures = answer["batchItemFailures"].as_array().unwrap();
        let is_failed = |message: &&Message| {
            let id = message.message_id().unwrap();
            failures
                .iter()
                .any(|failure| failure["itemIdentifier"] == id)
        };
        let (failed, done): (Vec<_>, Vec<_>) = messages.iter().partition(is_failed);
        assert_eq!(failed.len(), failures.len());
        for message in done {
            let receipt = Receipt(message.receipt_handle().unwrap().to_owned());
            stack.queue.ack(&receipt).await.unwrap();
        }
        let failed = failed
            .iter()
            .map(|message| message.body().unwrap().to_owned());
        Answer {
            request_id,
            failed: failed.collect(),
            took,
        }
    }
}

async fn receive(stack: &Stack, count: usize) -> Vec<Message> {
    let mut received = Vec::new();
    let receiving = async {
        while received.len() < count {
            let missing = i32::try_from(count - received.len()).unwrap();
            let receive = stack.aws.sqs_client().receive_message();
            let batch = receive
                .queue_url(&stack.queues.work)
                .max_number_of_messages(missing)
                .wait_time_seconds(1)
                .message_system_attribute_names(Attribute::All)
                .send()
                .await?;
            received.extend(batch.messages.unwrap_or_default());
        }
        Ok(())
    };
    within("messages come", PATIENCE, receiving).await.unwrap();
    received
}

/// As Lambda shows it to the function.
fn record(message: &Message) -> Value {
    let attributes = message.attributes().unwrap();
    let attributes: serde_json::Map<String, Value> = attributes
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.as_str().into()))
        .collect();
    json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:platen",
        "awsRegion": "us-east-1",
    })
}
