//! Queue, mapping and function fit each other: what Lambda and SQS ask for, and what the converter does.

use serde_json::json;

use super::of_kind;
use crate::object::Object;

/// Seconds after which the converter stops a page; starting and reporting take some more.
const PAGE: u64 = 90;

/// The function's numbers and the mapping's.
pub(super) fn bounds(objects: &[Object]) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in of_kind(objects, "Function") {
        let mut complain = |what: &str| wrong.push(format!("{function}: {what}"));
        if function.number("/spec/memorySize").unwrap_or(0) < 2048 {
            complain("has less memory than a browser takes");
        }
        if function.number("/spec/timeout").unwrap_or(0) < PAGE + 10 {
            complain("ends before a page is stopped");
        }
        if function.text("/spec/packageType") != "Image" {
            complain("is no image");
        }
        if function.list("/spec/vpcConfig/subnetIDs").is_empty() {
            complain("is in no VPC that keeps private destinations from it");
        }
    }
    let concurrency = |function: &Object| {
        function
            .text("/spec/environment/variables/PLATEN_CONCURRENCY")
            .parse::<u64>()
            .unwrap_or(0)
    };
    for mapping in of_kind(objects, "EventSourceMapping") {
        let mut complain = |what: String| wrong.push(format!("{mapping}: {what}"));
        if mapping.at("/spec/functionResponseTypes") != &json!(["ReportBatchItemFailures"]) {
            complain("deletes messages that failed".into());
        }
        if !mapping
            .text("/spec/eventSourceARN")
            .starts_with("arn:aws:sqs:")
        {
            complain("names no queue by its ARN".into());
        }
        let most = mapping
            .number("/spec/scalingConfig/maximumConcurrency")
            .unwrap_or(0);
        if !(2..=1000).contains(&most) {
            complain(format!("maximumConcurrency {most} is not from 2 to 1000"));
        }
        let name = mapping.text("/spec/functionRef/from/name");
        let Some(function) = of_kind(objects, "Function").find(|function| function.name() == name)
        else {
            complain(format!("there is no function {name:?}"));
            continue;
        };
        if function
            .number("/spec/reservedConcurrentExecutions")
            .unwrap_or(0)
            < most
        {
            complain(format!(
                "takes {most} messages at a time, more than {name} has reserved"
            ));
        }
        if mapping.number("/spec/batchSize").unwrap_or(0) > concurrency(function) {
            complain(format!("has batches larger than {name} renders at a time"));
        }
    }
    wrong
}

/// Where the queues are made by ACK.
pub(super) fn queues(objects: &[Object]) -> Vec<String> {
    let mut wrong = Vec::new();
    let longest = of_kind(objects, "Function")
        .filter_map(|function| function.number("/spec/timeout"))
        .max();
    for queue in of_kind(objects, "Queue") {
        let mut complain = |what: String| wrong.push(format!("{queue}: {what}"));
        if queue.at("/metadata/annotations")["services.k8s.aws/deletion-policy"] != "retain" {
            complain("goes with its object, messages and all".into());
        }
        let seconds = |pointer| queue.text(pointer).parse::<u64>().unwrap_or(0);
        let (visibility, least) = (
            seconds("/spec/visibilityTimeout"),
            6 * longest.unwrap_or(120),
        );
        if visibility < least {
            complain(format!(
                "hides messages for {visibility} s, less than {least}"
            ));
        }
        let redrive: serde_json::Value =
            serde_json::from_str(queue.text("/spec/redrivePolicy")).unwrap_or_default();
        if queue.name() == "work" {
            if !redrive["deadLetterTargetArn"]
                .as_str()
                .unwrap_or_default()
                .starts_with("arn:aws:sqs:")
            {
                complain("has no queue for dead letters".into());
            }
            if redrive["maxReceiveCount"].as_u64().unwrap_or(0) < 5 {
                complain("gives up sooner than a throttled function may take".into());
            }
        }
    }
    wrong
}
