//! Of networks.

use anyhow::Result;
use serde_json::{Value, json};

use super::each_is_caught;

#[test]
fn networks_that_are_open_or_shut_too_much() -> Result<()> {
    let deny = ("NetworkPolicy", "default-deny");
    let backend = ("NetworkPolicy", "backend");
    let everything = json!([{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 80}]}]);
    each_is_caught(&[
        (deny, "/spec/policyTypes", json!(["Ingress"]), "by default"),
        (
            deny,
            "/spec/podSelector",
            json!({"matchLabels": {"a": "b"}}),
            "by default",
        ),
        (deny, "/spec/egress", json!([{}]), "any peer"),
        (backend, "/spec/egress", everything, "169.254.169.254"),
        (backend, "/spec/ingress/0/from", Value::Null, "any peer"),
        (backend, "/spec/ingress/0/ports", Value::Null, "any port"),
        (
            ("NetworkPolicy", "dns"),
            "/spec/egress/0/ports/0/protocol",
            json!("TCP"),
            "name servers",
        ),
        (
            ("NetworkPolicy", "dns"),
            "/spec/podSelector",
            json!({"matchLabels": {"a": "b"}}),
            "name servers",
        ),
        (
            backend,
            "/spec/egress/0/ports/0/port",
            json!(5433),
            "database",
        ),
        (
            backend,
            "/spec/egress/1/to/0/ipBlock/cidr",
            json!("192.0.2.0/24"),
            "endpoints",
        ),
        (
            backend,
            "/spec/egress/2/to/0/ipBlock/cidr",
            json!("169.254.170.2/32"),
            "169.254.170.23",
        ),
        (
            backend,
            "/spec/egress/3/ports",
            json!([{"port": 80}]),
            "DynamoDB",
        ),
    ])
}
