//! SQS, an event-source mapping, the program in a zip as Lambda gets it, S3 and DynamoDB.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use platen_api_types::FailureCode;
use platen_peers::{ACCESS_KEY, Kind, REGION};
use platen_pipeline::{ConversionQueue as _, FileState};
use platen_tests::eventually;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    bootstrap::WorkDir,
    browsers,
    stack::{PATIENCE, Stack, url},
};

/// Time-out of the function, and of the queue's messages: the least that Lambda accepts, so that the
/// test need not wait for long.
const TIMEOUT: u64 = 15;
const DELIVERIES: u16 = 3;

#[tokio::test]
async fn requests_reach_their_ends_through_lambda() {
    let stack = Stack::new(DELIVERIES).await;
    let work_dir = WorkDir::new();
    let good = stack.submit("/simple").await;
    let missing = stack.submit("/status/404").await;
    stack.poison().await;
    deploy(&stack, &work_dir).await;

    assert!(matches!(
        stack.ended(good).await.state,
        FileState::Ready { .. }
    ));
    assert!(stack.pdf(good).await.starts_with(b"%PDF-"));
    let FileState::Failed { failure, .. } = stack.ended(missing).await.state else {
        panic!("a page that is not there has no pdf");
    };
    assert_eq!(failure.code, FailureCode::HttpStatus);
    let browser = browsers::find(work_dir.path()).unwrap();

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
    assert_eq!(browsers::find(work_dir.path()), Some(browser));
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
async fn deploy(stack: &Stack, work_dir: &WorkDir) {
    let visibility = stack.aws.sqs_client().set_queue_attributes();
    visibility
        .queue_url(&stack.queues.work)
        .attributes(Attribute::VisibilityTimeout, TIMEOUT.to_string())
        .send()
        .await
        .unwrap();
    let mut variables: serde_json::Map<String, Value> = stack
        .environment()
        .await
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let work_dir = work_dir.path().display().to_string();
    variables.insert("PLATEN_WORK_DIR".to_owned(), work_dir.into());
    let function = json!({
        "FunctionName": stack.name,
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": "arn:aws:iam::000000000000:role/platen-converter",
        "Timeout": TIMEOUT,
        "MemorySize": 2048,
        "Code": {"ZipFile": STANDARD.encode(package().await)},
        "Environment": {"Variables": variables},
    });
    call("functions", function).await;
    let mapping = json!({
        "FunctionName": stack.name,
        "EventSourceArn": queue_attributes(stack).await[&Attribute::QueueArn],
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    });
    call("event-source-mappings/", mapping).await;
}

/// Lambda's own API; the emulator looks at no signature.
async fn call(path: &str, body: Value) {
    let url = format!("{}/2015-03-31/{path}", url(Kind::MiniStack).await);
    let credential = format!("{ACCESS_KEY}/20260101/{REGION}/lambda/aws4_request");
    let answer = reqwest::Client::new()
        .post(url)
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"),
        )
        .json(&body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let said = answer.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status}: {said}");
}

/// The program in a zip, without the debug information that makes it ten times as large.
async fn package() -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let run = async |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let output = command.args(arguments).current_dir(folder.path()).output();
        let output = output.await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {said}");
    };
    let program = env!("CARGO_BIN_EXE_bootstrap");
    run("strip", &["-o", "bootstrap", program]).await;
    run(
        "python3",
        &["-m", "zipfile", "-c", "function.zip", "bootstrap"],
    )
    .await;
    std::fs::read(folder.path().join("function.zip")).unwrap()
}
