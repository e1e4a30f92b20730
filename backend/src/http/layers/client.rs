//! Who is at the other end, as far as the network tells.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

use super::TraceParent;
use crate::http::App;

static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The address a connection came from; put into the request by the server.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The client, seen through the proxies that are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub address: IpAddr,
    /// It speaks TLS, with us or with a trusted proxy.
    pub secure: bool,
    /// Id of this request, for logs and answers.
    pub request_id: String,
}

/// Finds out who the client is, and answers with the id of the request.
pub(crate) async fn identify(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    // Without a peer there is no network: a test that calls the router.
    let peer = request
        .extensions()
        .get::<Peer>()
        .map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0.ip());
    let trusted = &app.limits.trusted_proxies;
    let by_proxy = is_trusted(peer, trusted);
    let own_id = app.ids.request();
    let known_id = by_proxy.then(|| request_id(request.headers())).flatten();
    let known_trace = by_proxy
        .then(|| TraceParent::received(request.headers()))
        .flatten();
    let client = Client {
        address: address(peer, request.headers(), trusted),
        secure: by_proxy && is_https(request.headers()),
        request_id: known_id.unwrap_or_else(|| own_id.to_string()),
    };
    let trace = known_trace.unwrap_or_else(|| TraceParent::begun(own_id, app.ids.request()));
    request.extensions_mut().insert(trace);
    let id = HeaderValue::try_from(&client.request_id);
    request.extensions_mut().insert(client);
    let mut response = next.run(request).await;
    if let Ok(id) = id {
        response.headers_mut().insert(REQUEST_ID.clone(), id);
    }
    response
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|net| net.contains(&address))
}

/// The last address in the chain that no trusted proxy has. What stands before it was written by
/// someone we do not trust.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let hops: Vec<&str> = headers
        .get_all(&FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut address = peer;
    for hop in hops.into_iter().rev() {
        if !is_trusted(address, trusted) {
            break;
        }
        match parse_hop(hop) {
            Some(hop) => address = hop,
            None => break,
        }
    }
    address.to_canonical()
}

/// Some proxies add the port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

fn is_https(headers: &HeaderMap) -> bool {
    // The nearest proxy writes last.
    headers
        .get_all(&FORWARDED_PROTO)
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok()?.rsplit(',').next())
        .is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

/// The id a proxy gave, if it is harmless in a log.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(&REQUEST_ID)?.to_str().ok()?;
    let harmless = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'='));
    harmless.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR.clone(), HeaderValue::from_static(value));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let net = ["10.0.0.0/8"];
        assert_eq!(seen("192.0.2.1", &["198.51.100.1"], &net), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"], &net), "198.51.100.1");
        assert_eq!(
            seen("::ffff:10.0.0.1", &["198.51.100.1"], &net),
            "198.51.100.1"
        );
        assert_eq!(
            seen("10.0.0.1", &["1.2.3.4, 198.51.100.1", "10.0.0.2"], &net),
            "198.51.100.1"
        );
        assert_eq!(
            seen("10.0.0.1", &["198.51.100.1:4711"], &net),
            "198.51.100.1"
        );
        assert_eq!(seen("10.0.0.1", &["nonsense"], &net), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[], &net), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"], &[]), "10.0.0.1");
    }

    #[test]
    fn ids_that_would_forge_log_lines_are_dropped() {
        let id = |value| request_id(&HeaderMap::from_iter([(REQUEST_ID.clone(), value)]));
        assert!(id(HeaderValue::from_static("Root=1-67891233-abcdef")).is_some());
        assert!(id(HeaderValue::from_static("a b")).is_none());
        assert!(id(HeaderValue::from_bytes(b"a\tb").unwrap()).is_none());
        assert!(id(HeaderValue::from_str(&"a".repeat(65)).unwrap()).is_none());
    }
}
