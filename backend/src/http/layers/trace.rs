//! Which trace a request belongs to: `https://www.w3.org/TR/trace-context/`.

use http::{HeaderMap, HeaderName};
use uuid::Uuid;

static TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// Hexadecimal digits of the ids of a trace and of the step in it that comes before.
const TRACE_ID: usize = 32;
const PARENT_ID: usize = 16;

/// What the converter's log has in common with ours: the value of the header `traceparent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TraceParent(String);

impl TraceParent {
    /// The trace that a proxy has begun, if it wrote that down as the specification says.
    pub(super) fn received(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(&TRACE_PARENT)?.to_str().ok()?;
        let mut fields = value.split('-');
        let is_known = fields.next() == Some("00")
            && is_id(fields.next()?, TRACE_ID)
            && is_id(fields.next()?, PARENT_ID)
            && is_hex(fields.next()?, 2)
            && fields.next().is_none();
        is_known.then(|| Self(value.to_owned()))
    }

    /// The first step of a trace of its own.
    pub(super) fn begun(trace: Uuid, step: Uuid) -> Self {
        let (_, step) = step.as_u64_pair();
        Self(format!("00-{}-{step:016x}-01", trace.simple()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the whole trace.
    pub(crate) fn trace_id(&self) -> &str {
        self.0.split('-').nth(1).unwrap_or_default()
    }
}

fn is_id(text: &str, digits: usize) -> bool {
    is_hex(text, digits) && text.bytes().any(|digit| digit != b'0')
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn received(value: &str) -> Option<TraceParent> {
        let value = HeaderValue::from_str(value).unwrap();
        TraceParent::received(&HeaderMap::from_iter([(TRACE_PARENT.clone(), value)]))
    }

    #[test]
    fn what_the_specification_allows_is_continued() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let trace = received(header).unwrap();
        assert_eq!(trace.as_str(), header);
        assert_eq!(trace.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn anything_else_is_not() {
        for header in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert_eq!(received(header), None, "{header}");
        }
    }

    #[test]
    fn a_trace_of_our_own_is_one_that_others_continue() {
        let trace = TraceParent::begun(Uuid::from_u128(7), Uuid::from_u128(9));
        assert_eq!(received(trace.as_str()), Some(trace));
    }
}
