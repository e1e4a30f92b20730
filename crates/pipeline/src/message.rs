//! What travels through the queue: versioned JSON that names a file and what to do with it.

use platen_api_types::{FileId, UserId};
use serde::{Deserialize, Serialize};

/// What to do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Render the page and record the outcome.
    Convert,
    /// Remove the PDF, then the record.
    Delete,
}

/// One piece of work. Everything else is read from the record, so a message can be lost, repeated
/// or reordered without harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub job: Job,
    pub user: UserId,
    pub file: FileId,
    /// `traceparent` of the request that caused the work (W3C Trace Context).
    pub trace_parent: Option<String>,
}

/// The body is not a message this version understands.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    #[error("queue message is not valid json of a known shape")]
    Malformed(#[source] serde_json::Error),
    #[error("queue message has version {0}, this converter knows 1")]
    Version(u32),
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    v: u32,
    kind: Job,
    user_id: UserId,
    file_id: FileId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

impl Message {
    const VERSION: u32 = 1;

    pub fn convert(user: UserId, file: FileId) -> Self {
        Self {
            job: Job::Convert,
            user,
            file,
            trace_parent: None,
        }
    }

    pub fn delete(user: UserId, file: FileId) -> Self {
        Self {
            job: Job::Delete,
            user,
            file,
            trace_parent: None,
        }
    }

    /// The same, as part of the trace that a `traceparent` names.
    #[must_use]
    pub fn traced(self, trace_parent: &str) -> Self {
        Self {
            trace_parent: Some(trace_parent.to_owned()),
            ..self
        }
    }

    /// The trace that the work belongs to: 32 hexadecimal digits, the same in every log line that the
    /// request caused.
    pub fn trace_id(&self) -> Option<&str> {
        // version-trace-parent-flags
        let id = self.trace_parent.as_deref()?.split('-').nth(1)?;
        let is_valid = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_valid.then_some(id)
    }

    /// `{"v":1,"kind":"convert","user_id":…,"file_id":…,"traceparent":…}`
    pub fn to_json(&self) -> String {
        let envelope = Envelope {
            v: Self::VERSION,
            kind: self.job,
            user_id: self.user,
            file_id: self.file,
            traceparent: self.trace_parent.clone(),
        };
        // Strings, numbers and ids alone cannot fail to serialise.
        serde_json::to_string(&envelope).unwrap_or_default()
    }

    pub fn from_json(body: &str) -> Result<Self, MessageError> {
        // The version first: a later one may have changed everything else.
        let Version { v } = serde_json::from_str(body).map_err(MessageError::Malformed)?;
        if v != Self::VERSION {
            return Err(MessageError::Version(v));
        }
        let envelope: Envelope = serde_json::from_str(body).map_err(MessageError::Malformed)?;
        Ok(Self {
            job: envelope.kind,
            user: envelope.user_id,
            file: envelope.file_id,
            trace_parent: envelope.traceparent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        let mut message = Message::convert(
            "0198c0de-0000-7000-8000-000000000001".parse().unwrap(),
            "0198c0de-0000-7000-8000-000000000002".parse().unwrap(),
        );
        message.trace_parent =
            Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
        message
    }

    /// Messages of this shape may be in a queue while a new version is rolled out.
    #[test]
    fn the_shape_of_version_1_stays() {
        let json = r#"{"v":1,"kind":"convert","user_id":"0198c0de-0000-7000-8000-000000000001","file_id":"0198c0de-0000-7000-8000-000000000002","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}"#;
        assert_eq!(message().to_json(), json);
        assert_eq!(Message::from_json(json).unwrap(), message());
    }

    #[test]
    fn knows_its_trace() {
        let mut message = message();
        assert_eq!(message.trace_id(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        for malformed in ["", "00", "00-4bf9-00f067aa0ba902b7-01", "00-----"] {
            message.trace_parent = Some(malformed.to_owned());
            assert_eq!(message.trace_id(), None, "{malformed}");
        }
    }

    #[test]
    fn says_why_it_cannot_be_read() {
        assert!(matches!(
            Message::from_json("nonsense"),
            Err(MessageError::Malformed(_))
        ));
        assert!(matches!(
            Message::from_json(r#"{"v":2}"#),
            Err(MessageError::Version(2))
        ));
        assert!(matches!(
            Message::from_json(r#"{"v":1}"#),
            Err(MessageError::Malformed(_))
        ));
    }
}
