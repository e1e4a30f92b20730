//! Server-sent events, as a browser reads them.

use std::{pin::Pin, time::Duration};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde_json::Value;

use crate::within;

/// One event with data.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// Name of the event.
    pub kind: String,
    pub id: Option<String>,
    pub data: Value,
}

/// A stream of events that is being read.
pub struct Events {
    bytes: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    buffer: Vec<u8>,
}

impl Events {
    /// Longest wait for the next event.
    const PATIENCE: Duration = Duration::from_mins(1);

    pub(crate) fn of(response: reqwest::Response) -> Result<Self> {
        ensure!(response.status().is_success(), "{}", response.status());
        let kind = response.headers().get("content-type");
        ensure!(
            kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")),
            "content type {kind:?}"
        );
        Ok(Self {
            bytes: Box::pin(response.bytes_stream()),
            buffer: Vec::new(),
        })
    }

    /// The next event with data; comments that keep the connection alive are passed over.
    pub async fn next(&mut self) -> Result<Event> {
        within("next event", Self::PATIENCE, async {
            let mut event = Event::default();
            let mut data = String::new();
            loop {
                let line = self.line().await?;
                if line.is_empty() {
                    if !data.is_empty() {
                        event.data = serde_json::from_str(&data)?;
                        return Ok(event);
                    }
                    event = Event::default();
                    continue;
                }
                let (field, value) = line.split_once(':').unwrap_or((line.as_str(), ""));
                let value = value.strip_prefix(' ').unwrap_or(value);
                match field {
                    "event" => value.clone_into(&mut event.kind),
                    "id" => event.id = Some(value.to_owned()),
                    "data" => data.push_str(value),
                    _ => {}
                }
            }
        })
        .await
    }

    /// The first event, from here on, of this file with this status.
    pub async fn file(&mut self, id: &Value, status: &str) -> Result<Event> {
        loop {
            let event = self.next().await?;
            if event.kind == "file" && event.data["id"] == *id && event.data["status"] == status {
                return Ok(event);
            }
        }
    }

    async fn line(&mut self) -> Result<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
                line.pop();
                return Ok(String::from_utf8(line)?);
            }
            let more = self.bytes.next().await.context("the stream has ended")??;
            self.buffer.extend_from_slice(&more);
        }
    }
}
