//! Adapters that break their promises, made of the real ones: what they send is altered on its way.
//!
//! The checks of the fault suite must notice each, or they check nothing.

use std::{io, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, header::CONTENT_LENGTH};
use serde_json::{Value, json};

use super::proxy::{Recorded, State, bytes};

/// A promise to break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A message is acknowledged as soon as it is received.
    AckFirst,
    /// Records are written whatever they were meanwhile.
    UnconditionalWrites,
}

impl Sabotage {
    /// What is done to a request before it is sent.
    pub(super) fn alter(self, request: &mut Recorded) {
        if self != Self::UnconditionalWrites {
            return;
        }
        let Ok(mut body) = serde_json::from_slice::<Value>(&request.body) else {
            return;
        };
        drop_conditions(&mut body);
        request.body = body.to_string().into();
        request.parts.headers.remove(CONTENT_LENGTH);
    }

    /// How long a request is held back. An adapter looks before it writes, so a missing condition
    /// does harm only when something happens in between: a quarter of the writes arrive after the
    /// lease of three seconds that converters have here is over.
    pub(super) fn holds_back(self, request: &Recorded) -> Option<Duration> {
        let is_write = request.operation() == Some("TransactWriteItems");
        let drawn = request.body.iter().copied().fold(0, u8::wrapping_add);
        (self == Self::UnconditionalWrites && is_write && drawn.is_multiple_of(4))
            .then_some(Duration::from_secs(5))
    }

    /// What is done once the peer has answered.
    pub(super) async fn after(
        self,
        state: &State,
        request: &Recorded,
        answer: &Response<Full<Bytes>>,
    ) -> io::Result<()> {
        if self != Self::AckFirst || request.operation() != Some("ReceiveMessage") {
            return Ok(());
        }
        let asked: Value = serde_json::from_slice(&request.body)?;
        let answered: Value = serde_json::from_slice(&bytes(answer).await)?;
        for message in answered["Messages"].as_array().into_iter().flatten() {
            let mut delete = request.clone();
            let target = "AmazonSQS.DeleteMessage"
                .parse()
                .map_err(io::Error::other)?;
            delete.parts.headers.insert("x-amz-target", target);
            delete.body = json!({
                "QueueUrl": asked["QueueUrl"],
                "ReceiptHandle": message["ReceiptHandle"],
            })
            .to_string()
            .into();
            state.forward(&delete).await?;
        }
        Ok(())
    }
}

/// Removes the conditions of a write, and the values that only they name: DynamoDB refuses values
/// that nothing uses.
fn drop_conditions(body: &mut Value) {
    match body {
        Value::Object(fields) => {
            if fields.remove("ConditionExpression").is_some() {
                keep_used(fields);
            }
            fields.values_mut().for_each(drop_conditions);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_conditions),
        _ => {}
    }
}

fn keep_used(fields: &mut serde_json::Map<String, Value>) {
    let used = [
        "UpdateExpression",
        "KeyConditionExpression",
        "FilterExpression",
    ]
    .iter()
    .filter_map(|name| fields.get(*name)?.as_str())
    .collect::<Vec<_>>()
    .join(" ");
    for table in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
        if let Some(Value::Object(entries)) = fields.get_mut(table) {
            entries.retain(|name, _| contains_word(&used, name));
            if entries.is_empty() {
                fields.remove(table);
            }
        }
    }
}

fn contains_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '#' | ':' | '_')))
        .any(|found| found == word)
}
