//! Of queue, mapping and function.

use anyhow::Result;
use serde_json::{Value, json};

use super::each_is_caught;

#[test]
fn functions_and_mappings_that_do_not_fit() -> Result<()> {
    let function = ("Function", "converter");
    let mapping = ("EventSourceMapping", "converter");
    let queue = ("Queue", "work");
    each_is_caught(&[
        (
            function,
            "/spec/code/imageURI",
            json!("registry.example/platen-converter:4f2a91c"),
            "digest",
        ),
        (function, "/spec/memorySize", json!(1024), "memory"),
        (function, "/spec/timeout", json!(60), "ends before"),
        (function, "/spec/vpcConfig", Value::Null, "VPC"),
        (
            function,
            "/spec/reservedConcurrentExecutions",
            json!(9),
            "reserved",
        ),
        (
            function,
            "/spec/reservedConcurrentExecutions",
            Value::Null,
            "reserved",
        ),
        (
            mapping,
            "/spec/functionResponseTypes",
            Value::Null,
            "failed",
        ),
        (
            mapping,
            "/spec/scalingConfig/maximumConcurrency",
            json!(1),
            "2 to 1000",
        ),
        (mapping, "/spec/scalingConfig", Value::Null, "2 to 1000"),
        (mapping, "/spec/batchSize", json!(10), "batches larger"),
        (
            mapping,
            "/spec/functionRef/from/name",
            json!("converter"),
            "no function",
        ),
        (mapping, "/spec/eventSourceARN", Value::Null, "ARN"),
        (
            queue,
            "/spec/visibilityTimeout",
            json!("719"),
            "hides messages",
        ),
        (queue, "/spec/redrivePolicy", Value::Null, "dead letters"),
        (
            queue,
            "/metadata/annotations/services.k8s.aws~1deletion-policy",
            json!("delete"),
            "goes with",
        ),
    ])
}
