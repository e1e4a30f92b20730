//! Headers that concern one hop only, and those that only the proxy may send.

use std::mem;

use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};

use crate::verdict::VERDICT_HEADER;

/// RFC 9110, 7.6.1, with the obsolete ones that browsers and origins still send.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Framing and routing are the proxy's business: no `Connection` option may remove them.
const NOT_AN_OPTION: [HeaderName; 2] = [CONTENT_LENGTH, http::header::HOST];

/// Prepares a request's headers for the next hop.
pub(crate) fn strip_request(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
}

/// Prepares an answer's headers for the browser.
pub(crate) fn strip_response(headers: &mut HeaderMap) {
    // RFC 9112, 6.3: with both, the length is a lie, and it must not be passed on.
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    strip_hop_by_hop(headers);
    headers.remove(VERDICT_HEADER);
}

fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|option| option.trim().parse().ok())
        .filter(|name| !NOT_AN_OPTION.contains(name))
        .collect();
    retain(headers, |name| {
        !HOP_BY_HOP.contains(name) && !named.contains(name)
    });
}

/// Keeps the order of what remains, which some origins judge a browser by; `HeaderMap::remove`
/// would move the last header into the gap.
fn retain(headers: &mut HeaderMap, keep: impl Fn(&HeaderName) -> bool) {
    let mut kept = HeaderMap::with_capacity(headers.len());
    let mut current = None;
    for (name, value) in mem::take(headers) {
        // Only the first value of a name comes with it.
        current = name.or(current);
        if let Some(name) = current.as_ref().filter(|name| keep(name)) {
            kept.append(name.clone(), value);
        }
    }
    *headers = kept;
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn hop_by_hop_headers_and_those_named_by_connection_are_removed() {
        let mut headers = map(&[
            ("accept", "*/*"),
            ("connection", "keep-alive, X-Secret , bad name"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("proxy-authorization", "Basic eA=="),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("transfer-encoding", "chunked"),
        ]);
        strip_request(&mut headers);
        assert_eq!(headers, map(&[("accept", "*/*")]));
    }

    #[test]
    fn connection_cannot_remove_framing_or_routing() {
        let mut headers = map(&[
            ("connection", "content-length, host"),
            ("content-length", "4"),
            ("host", "a.com"),
        ]);
        strip_request(&mut headers);
        assert_eq!(headers, map(&[("content-length", "4"), ("host", "a.com")]));
    }

    #[test]
    fn an_origin_can_neither_lie_about_length_nor_speak_for_the_proxy() {
        let mut headers = map(&[
            ("content-length", "4"),
            ("transfer-encoding", "chunked"),
            ("platen-egress", "blocked"),
            ("proxy-authenticate", "Basic"),
        ]);
        strip_response(&mut headers);
        assert!(headers.is_empty());
        let mut headers = map(&[("content-length", "4")]);
        strip_response(&mut headers);
        assert_eq!(headers, map(&[("content-length", "4")]));
    }
}
