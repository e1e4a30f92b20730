//! Addresses as they may appear in logs.

use std::fmt;

use url::Url;

/// Shows an address without what would let a reader act as its owner: no userinfo, no fragment,
/// and no value of a query parameter whose name speaks of a secret or a signature.
///
/// A text that is no URL is not shown at all: what it holds cannot be told apart.
#[derive(Clone, Copy)]
pub struct MaskedUrl<'a>(pub &'a str);

/// A parameter is masked when its name contains one of these, in any case.
const SECRET_NAMES: [&str; 15] = [
    "auth",
    "code",
    "cookie",
    "credential",
    "hmac",
    "jwt",
    "key",
    "otp",
    "pass",
    "pwd",
    "secret",
    "session",
    "sig",
    "ticket",
    "token",
];

/// Names that are a secret as a whole but a common part of others.
const SECRET_WHOLE_NAMES: [&str; 4] = ["sid", "pin", "se", "sv"];

/// A longer value is more likely a token than a word.
const LONGEST_SHOWN: usize = 64;

fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("x-amz-")
        || name.starts_with("x-goog-")
        || SECRET_NAMES.iter().any(|part| name.contains(part))
        || SECRET_WHOLE_NAMES.contains(&name.as_str())
        || value.len() > LONGEST_SHOWN
}

impl fmt::Display for MaskedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(mut url) = Url::parse(self.0) else {
            return write!(f, "(no url, {} bytes)", self.0.len());
        };
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        url.set_query(None);
        url.set_fragment(None);
        if !url.username().is_empty() || url.password().is_some() {
            // Both fail for URLs that cannot have userinfo, and those have none.
            url.set_username("***").ok();
            url.set_password(None).ok();
        }
        if !pairs.is_empty() {
            let mut query = url.query_pairs_mut();
            for (name, value) in &pairs {
                let secret = is_secret(name, value);
                query.append_pair(name, if secret { "***" } else { value });
            }
        }
        f.write_str(url.as_str())
    }
}

impl fmt::Debug for MaskedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_tells_the_page_and_hides_what_opens_it() {
        for (url, shown) in [
            (
                "https://example.com/a?page=2",
                "https://example.com/a?page=2",
            ),
            ("https://ada:pw@example.com/", "https://***@example.com/"),
            ("https://ada@example.com/", "https://***@example.com/"),
            (
                "https://example.com/#access_token=abc",
                "https://example.com/",
            ),
            (
                "https://example.com/?q=x&Access_Token=abc&apikey=k&SID=1",
                "https://example.com/?q=x&Access_Token=***&apikey=***&SID=***",
            ),
            (
                "https://b.s3.amazonaws.com/k?X-Amz-Signature=f&X-Amz-Credential=g&X-Amz-Date=h",
                "https://b.s3.amazonaws.com/k?X-Amz-Signature=***&X-Amz-Credential=***&X-Amz-Date=***",
            ),
            (
                "postgres://platen:hunter2@db.example.com:5432/platen?sslpassword=x",
                "postgres://***@db.example.com:5432/platen?sslpassword=***",
            ),
            ("sqlite:///data/a.db", "sqlite:///data/a.db"),
            ("hunter2", "(no url, 7 bytes)"),
        ] {
            assert_eq!(MaskedUrl(url).to_string(), shown, "{url}");
            assert_eq!(format!("{:?}", MaskedUrl(url)), shown, "{url}");
        }
    }

    #[test]
    fn hides_long_values_whatever_their_name() {
        let url = format!("https://example.com/?x={}", "a".repeat(65));
        assert_eq!(MaskedUrl(&url).to_string(), "https://example.com/?x=***");
    }
}
