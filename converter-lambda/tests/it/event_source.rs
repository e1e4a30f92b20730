//! SQS, an event-source mapping, the program in a zip as Lambda gets it, S3 and DynamoDB.

use std::{path::Path, time::Duration};

use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use platen_api_types::FailureCode;
use platen_peers::Kind;
use platen_pipeline::{ConversionQueue as _, FileState};
use platen_tests::{Code, Function, NewFunction, eventually};

use crate::{
    browsers,
    stack::{PATIENCE, Stack, url},
};

/// Time-out of the function, and of the queue's messages: the least that Lambda accepts, so that the
/// test need not wait for long.
const TIMEOUT: Duration = Duration::from_secs(15);
const DELIVERIES: u16 = 3;

#[tokio::test]
async fn requests_reach_their_ends_through_lambda() {
    let stack = Stack::new(DELIVERIES).await;
    let good = stack.submit("/simple").await;
    let missing = stack.submit("/status/404").await;
    stack.poison().await;
    let function = deploy(&stack).await;

    assert!(matches!(
        stack.ended(good).await.state,
        FileState::Ready { .. }
    ));
    assert!(stack.pdf(good).await.starts_with(b"%PDF-"));
    let FileState::Failed { failure, .. } = stack.ended(missing).await.state else {
        panic!("a page that is not there has no pdf");
    };
    assert_eq!(failure.code, FailureCode::HttpStatus);
    let browser = browsers::find(function.work_dir()).unwrap();

    let buried = eventually("poison becomes a dead letter", PATIENCE, async || {
        let letters = stack
            .dead_letters
            .receive(1, Duration::ZERO, TIMEOUT_OF_LETTERS);
        Ok(letters.await?.pop())
    });
    assert_eq!(buried.await.unwrap().body, "poison");
    eventually("nothing is left in the queue", PATIENCE, async || {
        Ok((messages(&stack).await == 0).then_some(()))
    })
    .await
    .unwrap();
    // The good ones were delivered once: the bad one of their batch did not take them along.
    for key in [good, missing] {
        assert_eq!(stack.record(key).await.attempts, 1);
    }

    let second = stack.submit("/second").await;
    stack.ended(second).await;
    stack.pdf(second).await;
    assert_eq!(browsers::find(function.work_dir()), Some(browser));
}

const TIMEOUT_OF_LETTERS: Duration = Duration::from_mins(5);

/// Waiting and hidden ones.
async fn messages(stack: &Stack) -> u32 {
    let both = [
        Attribute::ApproximateNumberOfMessages,
        Attribute::ApproximateNumberOfMessagesNotVisible,
    ];
    let attributes = queue_attributes(stack).await;
    let number = |name| attributes[name].parse::<u32>().unwrap();
    both.iter().map(number).sum()
}

async fn queue_attributes(stack: &Stack) -> std::collections::HashMap<Attribute, String> {
    let attributes = stack.aws.sqs_client().get_queue_attributes();
    let attributes = attributes
        .queue_url(&stack.queues.work)
        .attribute_names(Attribute::All)
        .send();
    attributes.await.unwrap().attributes.unwrap()
}

/// Makes function and mapping as the README asks for.
async fn deploy(stack: &Stack) -> Function {
    let visibility = stack.aws.sqs_client().set_queue_attributes();
    visibility
        .queue_url(&stack.queues.work)
        .attributes(Attribute::VisibilityTimeout, TIMEOUT.as_secs().to_string())
        .send()
        .await
        .unwrap();
    let new = NewFunction {
        name: &stack.name,
        code: Code::Program {
            path: Path::new(env!("CARGO_BIN_EXE_bootstrap")),
            keys: None,
        },
        environment: stack.environment().await,
        timeout: TIMEOUT,
        queue: &queue_attributes(stack).await[&Attribute::QueueArn],
    };
    let function = Function::deploy(&url(Kind::MiniStack).await, new).await;
    function.unwrap()
}
