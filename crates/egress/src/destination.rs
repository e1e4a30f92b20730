//! Where a connection wants to go: a canonical host and a port.

use std::fmt;

use url::{Host, Url};

/// Host and port of one connection, the host canonicalised by the URL standard.
///
/// Two spellings of one place (`0x7f.1` and `127.0.0.1`, `ÉXAMPLE.com` and `xn--xample-9ua.com`)
/// are equal here, so it serves as the key for verdicts and for the connection pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Destination {
    host: Host,
    port: u16,
}

impl Destination {
    /// Where a request for `url` would connect to. `None` for a URL without a host or with a
    /// scheme that has no port.
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self {
            host: url.host()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }

    /// Reads a host as it stands in an authority (`example.com`, `127.1`, `[::1]`).
    pub(crate) fn parse(host: &str, port: u16) -> Option<Self> {
        Host::parse(host).ok().map(|host| Self { host, port })
    }

    pub fn host(&self) -> &Host {
        &self.host
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// As it stands in an `http` URL and in its `Host` header: the port only when it is not 80.
    pub(crate) fn http_authority(&self) -> String {
        match self.port {
            80 => self.host.to_string(),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_place_are_equal() {
        let loopback = Destination::parse("127.0.0.1", 80).unwrap();
        for host in [
            "2130706433",
            "0x7f.1",
            "127.0.0.1.",
            "%3127.0.0.1",
            "①②⑦.0.0.1",
        ] {
            assert_eq!(
                Destination::parse(host, 80),
                Some(loopback.clone()),
                "{host}"
            );
        }
        let url = Url::parse("http://EXAMPLE.com/a").unwrap();
        assert_eq!(Destination::of(&url), Destination::parse("example.COM", 80));
    }

    #[test]
    fn zone_ids_and_other_garbage_have_no_destination() {
        for host in ["[fe80::1%25eth0]", "[::1", "", "a b", "999.1.1.1", "::1"] {
            assert_eq!(Destination::parse(host, 80), None, "{host}");
        }
    }

    #[test]
    fn the_authority_of_http_omits_its_default_port() {
        let write = |host, port| Destination::parse(host, port).unwrap().http_authority();
        assert_eq!(write("example.com", 80), "example.com");
        assert_eq!(write("example.com", 443), "example.com:443");
        assert_eq!(write("[2606:4700::1]", 8080), "[2606:4700::1]:8080");
    }
}
