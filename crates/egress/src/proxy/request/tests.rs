use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
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

fn read(
    method: &str,
    uri: &str,
    pairs: &[(&'static str, &'static str)],
) -> Result<Route, BadRequest> {
    route(
        &method.parse().unwrap(),
        &uri.parse().unwrap(),
        Version::HTTP_11,
        &headers(pairs),
    )
}

fn place(host: &str, port: u16) -> Destination {
    Destination::parse(host, port).unwrap()
}

#[test]
fn what_a_browser_sends_is_understood() {
    let forward = |host, port| Ok(Route::Forward(place(host, port)));
    let tunnel = |host, port| Ok(Route::Tunnel(place(host, port)));
    assert_eq!(
        read("GET", "http://a.com/x?y", &[("host", "a.com")]),
        forward("a.com", 80)
    );
    assert_eq!(
        read("GET", "http://a.com", &[("host", "A.com:80")]),
        forward("a.com", 80)
    );
    assert_eq!(
        read(
            "POST",
            "http://a.com:8080/",
            &[("host", "a.com:8080"), ("content-length", "3")]
        ),
        forward("a.com", 8080)
    );
    assert_eq!(
        read("GET", "http://[::1]/", &[("host", "[::1]")]),
        forward("[::1]", 80)
    );
    assert_eq!(
        read("CONNECT", "a.com:443", &[("host", "a.com:443")]),
        tunnel("a.com", 443)
    );
    assert_eq!(
        read("CONNECT", "a.com:443", &[("host", "a.com")]),
        tunnel("a.com", 443)
    );
    assert_eq!(
        read("CONNECT", "[::1]:443", &[("host", "[::1]:443")]),
        tunnel("[::1]", 443)
    );
}

#[test]
fn odd_spellings_are_canonicalised_before_they_are_judged() {
    let loopback = Ok(Route::Forward(place("127.0.0.1", 80)));
    for host in ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"] {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        let uri = format!("http://{host}/").parse().unwrap();
        assert_eq!(
            route(&Method::GET, &uri, Version::HTTP_11, &headers),
            loopback,
            "{host}"
        );
    }
}

/// Method, target, headers.
type Row<'a> = (&'a str, &'a str, &'a [(&'static str, &'static str)]);

fn assert_refused(problem: BadRequest, rows: &[Row<'_>]) {
    for (method, uri, pairs) in rows {
        assert_eq!(
            read(method, uri, pairs),
            Err(problem),
            "{method} {uri} {pairs:?}"
        );
    }
}

#[test]
fn targets_that_are_not_for_a_proxy_are_refused() {
    const HOST: &[(&str, &str)] = &[("host", "a.com")];
    let targets = [
        "/",
        "*",
        "a.com:80",
        "https://a.com/",
        "ws://a.com/",
        "ftp://a.com/",
    ];
    assert_refused(BadRequest::Target, &targets.map(|uri| ("GET", uri, HOST)));
    let targets = ["/", "http://a.com:443/", "https://a.com:443"];
    assert_refused(
        BadRequest::Target,
        &targets.map(|uri| ("CONNECT", uri, HOST)),
    );
    let targets = [
        "http://u@a.com/",
        "http://u:p@a.com/",
        "http://a.com:/",
        "http://999.1.1.1/",
    ];
    assert_refused(
        BadRequest::Authority,
        &targets.map(|uri| ("GET", uri, HOST)),
    );
    let targets = ["a.com", "u@a.com:443", "a.com:"];
    assert_refused(
        BadRequest::Authority,
        &targets.map(|uri| ("CONNECT", uri, HOST)),
    );
}

#[test]
fn a_host_that_is_not_the_targets_is_refused() {
    let hosts: [&[_]; 7] = [
        &[],
        &[("host", "")],
        &[("host", "b.com")],
        &[("host", "a.com:81")],
        &[("host", "x@a.com")],
        &[("host", "a.com/b")],
        &[("host", "a.com"), ("host", "a.com")],
    ];
    assert_refused(
        BadRequest::Host,
        &hosts.map(|host| ("GET", "http://a.com/", host)),
    );
    assert_refused(
        BadRequest::Host,
        &hosts.map(|host| ("CONNECT", "a.com:443", host)),
    );
    assert_refused(
        BadRequest::Host,
        &[("GET", "http://a.com:81/", &[("host", "a.com")])],
    );
}

#[test]
fn ambiguous_framing_is_refused() {
    const HOST: (&str, &str) = ("host", "a.com");
    const CHUNKED: (&str, &str) = ("transfer-encoding", "chunked");
    const LENGTH: (&str, &str) = ("content-length", "1");
    let (post, connect) = ("http://a.com/", "a.com:443");
    assert_refused(
        BadRequest::TransferEncoding,
        &[
            ("POST", post, &[HOST, CHUNKED]),
            ("POST", post, &[HOST, CHUNKED, LENGTH]),
            ("POST", post, &[HOST, ("transfer-encoding", "x")]),
            ("CONNECT", connect, &[HOST, CHUNKED]),
        ],
    );
    assert_refused(
        BadRequest::ContentLength,
        &[
            ("POST", post, &[HOST, LENGTH, LENGTH]),
            ("CONNECT", connect, &[HOST, LENGTH]),
        ],
    );
}

#[test]
fn other_versions_are_refused() {
    let uri = "http://a.com/".parse().unwrap();
    for version in [Version::HTTP_09, Version::HTTP_10, Version::HTTP_2] {
        let answer = route(&Method::GET, &uri, version, &headers(&[("host", "a.com")]));
        assert_eq!(answer, Err(BadRequest::Version));
    }
}

proptest! {
    #[test]
    fn any_request_is_read_without_panic(
        method in prop_oneof![Just("GET".to_owned()), Just("CONNECT".to_owned()), "[A-Z]{1,8}"],
        uri in prop_oneof!["[!-~]{0,40}", "http://[!-~]{0,20}", "[a-z0-9.\\[\\]:@%]{1,20}:[0-9]{0,6}"],
        host in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let (Ok(method), Ok(uri)) = (method.parse::<Method>(), uri.parse::<Uri>()) else {
            return Ok(());
        };
        let mut headers = HeaderMap::new();
        if let Ok(host) = HeaderValue::from_bytes(&host) {
            headers.insert(HOST, host);
        }
        let _ = route(&method, &uri, Version::HTTP_11, &headers);
        // With a matching Host, what is understood is the place that the target names.
        if let Some(Ok(host)) = uri.authority().map(|authority| authority.as_str().parse()) {
            headers.insert(HOST, host);
            if let Ok(Route::Forward(found) | Route::Tunnel(found)) =
                route(&method, &uri, Version::HTTP_11, &headers)
            {
                prop_assert_eq!(Some(found), Destination::parse(uri.host().unwrap(), uri.port_u16().unwrap_or(80)));
            }
        }
    }
}
