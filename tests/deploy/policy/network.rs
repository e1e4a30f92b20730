//! Nothing moves that is not named, and what is needed does.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::of_kind;
use crate::object::{Object, list, selects, text};

/// Closed by default, open to nobody's metadata service.
pub(super) fn closed(objects: &[Object]) -> Vec<String> {
    let mut wrong = Vec::new();
    let denies = of_kind(objects, "NetworkPolicy").any(|policy| {
        policy.at("/spec/podSelector") == &json!({})
            && policy.at("/spec/policyTypes") == &json!(["Ingress", "Egress"])
            && policy.at("/spec/egress").is_null()
            && policy.at("/spec/ingress").is_null()
    });
    if !denies {
        wrong.push("nothing denies traffic by default".into());
    }
    for policy in of_kind(objects, "NetworkPolicy") {
        for rule in policy
            .list("/spec/egress")
            .iter()
            .chain(policy.list("/spec/ingress"))
        {
            let peers: Vec<_> = list(&rule["to"])
                .iter()
                .chain(list(&rule["from"]))
                .collect();
            if peers.is_empty() || list(&rule["ports"]).is_empty() {
                wrong.push(format!("{policy}: allows any peer or any port"));
            }
        }
        for secret in [
            [169, 254, 169, 254],
            [10, 0, 0, 1],
            [172, 16, 0, 1],
            [192, 168, 0, 1],
        ] {
            let address = Ipv4Addr::from(secret);
            if reaches(policy, address, 80) {
                wrong.push(format!("{policy}: lets pods out to {address}, port 80"));
            }
        }
    }
    wrong
}

/// What pods cannot do without.
pub(super) fn ways_out(objects: &[Object]) -> Vec<String> {
    let mut wrong = Vec::new();
    for object in objects {
        let Some(labels) = object.0.pointer("/spec/template/metadata/labels") else {
            continue;
        };
        let policies: Vec<_> = of_kind(objects, "NetworkPolicy")
            .filter(|policy| applies(policy, labels))
            .collect();
        let mut need = |met: bool, what: &str| {
            if !met {
                wrong.push(format!("{object}: has no way to {what}"));
            }
        };
        let dns = |protocol: &str| {
            policies
                .iter()
                .flat_map(|policy| policy.list("/spec/egress"))
                .any(|rule| {
                    list(&rule["ports"]).contains(&json!({"port": 53, "protocol": protocol}))
                        && list(&rule["to"])
                            .iter()
                            .any(|peer| peer["podSelector"]["matchLabels"]["k8s-app"] == "kube-dns")
                })
        };
        need(dns("UDP") && dns("TCP"), "name servers");
        let to = |address: [u8; 4], port| {
            policies
                .iter()
                .any(|policy| reaches(policy, Ipv4Addr::from(address), port))
        };
        let name = text(labels, "app.kubernetes.io/name");
        if ["backend", "worker"].contains(&name) {
            need(
                to([169, 254, 170, 23], 80),
                "the credentials of its role (169.254.170.23)",
            );
            // Of the table and the bucket, whose endpoints have public addresses.
            need(to([52, 94, 0, 1], 443), "DynamoDB and S3");
            let endpoints = policies.iter().any(|policy| private_cidr(policy, 443));
            need(endpoints, "the endpoints of AWS in the VPC");
        }
        if name == "backend" {
            let database = policies.iter().any(|policy| private_cidr(policy, 5432));
            need(database, "the database");
        }
    }
    wrong
}

fn applies(policy: &Object, labels: &Value) -> bool {
    let selector = policy.at("/spec/podSelector");
    selector == &json!({}) || selects(&selector["matchLabels"], labels)
}

/// Blocks of addresses that a policy lets its pods out to on a port, with what is excepted.
fn blocks(policy: &Object, port: u16) -> impl Iterator<Item = &Value> {
    policy
        .list("/spec/egress")
        .iter()
        .filter(move |rule| {
            list(&rule["ports"])
                .iter()
                .any(|allowed| allowed["port"] == json!(port))
        })
        .flat_map(|rule| list(&rule["to"]))
        .map(|peer| &peer["ipBlock"])
        .filter(|block| !block.is_null())
}

fn reaches(policy: &Object, address: Ipv4Addr, port: u16) -> bool {
    blocks(policy, port).any(|block| {
        contains(text(block, "cidr"), address)
            && !list(&block["except"])
                .iter()
                .filter_map(Value::as_str)
                .any(|except| contains(except, address))
    })
}

/// A block of the environment's own that is no larger than a VPC may be.
fn private_cidr(policy: &Object, port: u16) -> bool {
    blocks(policy, port).any(|block| {
        let parsed = parse(text(block, "cidr"));
        parsed.is_some_and(|(network, length)| network.is_private() && length >= 16)
    })
}

fn contains(cidr: &str, address: Ipv4Addr) -> bool {
    parse(cidr).is_some_and(|(network, length)| {
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        u32::from(network) & mask == u32::from(address) & mask
    })
}

fn parse(cidr: &str) -> Option<(Ipv4Addr, u32)> {
    let (network, length) = cidr.split_once('/')?;
    let length = length.parse().ok().filter(|length| *length <= 32)?;
    Some((network.parse().ok()?, length))
}
