use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A message from the browser: an answer when `id` is there, an event when `method` is.
/// Payloads stay unparsed text within the frame.
#[derive(Debug, Deserialize)]
pub(super) struct Incoming<'a> {
    pub id: Option<u32>,
    #[serde(rename = "sessionId")]
    pub session_id: Option<&'a str>,
    pub method: Option<&'a str>,
    #[serde(borrow)]
    pub params: Option<&'a RawValue>,
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    pub error: Option<Refusal>,
}

/// JSON-RPC error object.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub code: i64,
    pub message: String,
}

/// A command to the browser.
#[derive(Debug, Serialize)]
pub(super) struct Outgoing<'a, M> {
    pub id: u32,
    pub method: &'static str,
    #[serde(rename = "sessionId", skip_serializing_if = "Option::is_none")]
    pub session_id: Option<&'a str>,
    pub params: &'a M,
}

/// Something that happened in a session.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Name of the event as subscribed to, such as `Page.frameNavigated`.
    pub method: &'static str,
    /// Its parameters, as JSON text.
    pub params: Bytes,
}

impl Event {
    /// Reads the parameters. `None`, and a line in the log, when they do not have that shape.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.params)
            .inspect_err(|error| {
                tracing::warn!(event = self.method, %error, "event has an unexpected shape");
            })
            .ok()
    }
}
