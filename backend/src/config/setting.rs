//! Types a setting can have, and how each is read from text.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose};
use ipnet::IpNet;
use platen_egress::EgressPolicy;
use platen_telemetry::LogFormat;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::accounts::Engine;

/// A value of the configuration.
pub trait Setting: Sized {
    /// What is accepted, for the reference and for error messages.
    fn accepts() -> String;

    /// `None`: the text is something else.
    fn parse(text: &str) -> Option<Self>;

    /// What is wrong with a text that did not parse, where more can be said than what is accepted.
    /// Never repeats the value: it may be a secret in the wrong place.
    fn complaint(_text: &str) -> Option<String> {
        None
    }
}

impl<T: Setting> Setting for Option<T> {
    fn accepts() -> String {
        format!("{}, or empty", T::accepts())
    }

    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            Some(None)
        } else {
            T::parse(text).map(Some)
        }
    }

    fn complaint(text: &str) -> Option<String> {
        T::complaint(text)
    }
}

impl Setting for SocketAddr {
    fn accepts() -> String {
        "an IP address and a port, such as `127.0.0.1:8080` or `[::]:8080`; port 0 takes a free one"
            .to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Setting for String {
    fn accepts() -> String {
        "a name".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl Setting for PathBuf {
    fn accepts() -> String {
        "a path".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains('\0')).then(|| text.into())
    }
}

impl Setting for bool {
    fn accepts() -> String {
        "`true` or `false`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Setting for IpNet {
    fn accepts() -> String {
        "an address or network, such as `10.0.0.0/8`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse()
            .ok()
            .or_else(|| text.parse::<IpAddr>().map(Self::from).ok())
    }
}

impl Setting for EgressPolicy {
    fn accepts() -> String {
        "comma-separated `host:port`, `address:port` or networks, such as \
         `wiki.corp.example:443,10.1.0.0/16`"
            .to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn complaint(text: &str) -> Option<String> {
        text.parse::<Self>().err().map(|error| error.to_string())
    }
}

impl Setting for LogFormat {
    fn accepts() -> String {
        "`auto`, `human` or `json`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Directives of a log filter, known to parse.
#[derive(Clone, Debug)]
pub struct LogFilter(pub String);

impl Setting for LogFilter {
    fn accepts() -> String {
        "a level, or comma-separated `target=level`, such as `info,platen=debug`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let valid = platen_telemetry::logs::check_filter(text).is_ok();
        valid.then(|| Self(text.to_owned()))
    }
}

/// Values separated by commas; spaces around them do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T: Setting> Setting for List<T> {
    fn accepts() -> String {
        format!("comma-separated, each {}", T::accepts())
    }

    fn parse(text: &str) -> Option<Self> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(T::parse)
            .collect::<Option<_>>()
            .map(Self)
    }
}

/// A whole number between two others, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounded<const LOW: u64, const HIGH: u64>(u64);

impl<const LOW: u64, const HIGH: u64> Bounded<LOW, HIGH> {
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number as a length; one that does not fit is more than any machine has.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl<const LOW: u64, const HIGH: u64> Setting for Bounded<LOW, HIGH> {
    fn accepts() -> String {
        format!("a whole number from {LOW} to {HIGH}")
    }

    fn parse(text: &str) -> Option<Self> {
        let number = text.parse().ok()?;
        (LOW..=HIGH).contains(&number).then_some(Self(number))
    }
}

/// A number of seconds between two others, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds<const LOW: u64, const HIGH: u64>(u64);

impl<const LOW: u64, const HIGH: u64> Seconds<LOW, HIGH> {
    pub const fn get(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl<const LOW: u64, const HIGH: u64> Setting for Seconds<LOW, HIGH> {
    fn accepts() -> String {
        format!("seconds, a whole number from {LOW} to {HIGH}")
    }

    fn parse(text: &str) -> Option<Self> {
        Bounded::<LOW, HIGH>::parse(text).map(|seconds| Self(seconds.get()))
    }
}

/// URL of the accounts database.
#[derive(Clone, Debug)]
pub struct DatabaseUrl(pub SecretString);

impl Setting for DatabaseUrl {
    fn accepts() -> String {
        Engine::URLS.to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        Engine::of_url(text).map(|_| Self(text.into()))
    }
}

/// URL of something that a service keeps, such as a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceUrl(String);

impl ServiceUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for ServiceUrl {
    fn accepts() -> String {
        "a URL that begins with `https://` or `http://`".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let url = url::Url::parse(text).ok()?;
        matches!(url.scheme(), "https" | "http").then(|| Self(text.to_owned()))
    }
}

/// Key that session tokens are signed with: at least 256 bits.
#[derive(Clone, Debug)]
pub struct JwtKey(SecretSlice<u8>);

impl JwtKey {
    /// RFC 7518, section 3.2: a key of the size of the hash or larger.
    pub const MIN_BYTES: usize = 32;

    /// `None`: too short to be a key.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() >= Self::MIN_BYTES).then(|| Self(bytes.into()))
    }

    pub fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl Setting for JwtKey {
    fn accepts() -> String {
        "at least 32 random bytes in base64: `openssl rand -base64 32` makes one".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('=');
        general_purpose::STANDARD_NO_PAD
            .decode(text)
            .or_else(|_| general_purpose::URL_SAFE_NO_PAD.decode(text))
            .ok()
            .and_then(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_skip_what_is_empty() {
        let list = List::<IpNet>::parse(" 10.0.0.0/8, ::1 ,").unwrap();
        assert_eq!(
            list.0,
            ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]
        );
        assert_eq!(List::<IpNet>::parse("").unwrap().0, []);
        assert!(List::<IpNet>::parse("10.0.0.0/33").is_none());
    }

    #[test]
    fn numbers_keep_their_bounds() {
        assert_eq!(Bounded::<1, 3>::parse("3").unwrap().get(), 3);
        for text in ["0", "4", "-1", "", "1.5", "99999999999999999999"] {
            assert!(Bounded::<1, 3>::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn keys_have_256_bits_in_either_base64() {
        let bytes = [0xfb_u8; 32];
        for text in [
            general_purpose::STANDARD.encode(bytes),
            general_purpose::URL_SAFE_NO_PAD.encode(bytes),
        ] {
            assert_eq!(JwtKey::parse(&text).unwrap().bytes(), bytes);
        }
        assert!(JwtKey::parse(&general_purpose::STANDARD.encode([1; 31])).is_none());
        assert!(JwtKey::parse("not base64!").is_none());
    }
}
