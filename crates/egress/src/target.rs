//! The check of a URL before a request for it is accepted.
//!
//! A URL is parsed once, by the URL standard, and only its canonical form is kept: what was
//! checked is what the browser will be told to load. Spellings that parsers disagree about
//! (backslashes, extra slashes, control characters, credentials) are refused, not repaired.

use std::fmt;

use url::Url;

use crate::destination::Destination;
use crate::policy::EgressPolicy;
use crate::refusal::{InvalidUrl, UrlRefusal};

/// Bytes a URL may have, as given and as serialised.
const MAX_BYTES: usize = 2048;

/// A URL that may be given to the browser: `http` or `https`, no credentials, a host that is not
/// known to be private. Its name may still resolve to a private address; the proxy looks at that.
///
/// `Debug` leaves out the query and the fragment, which may hold secrets.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TargetUrl(Url);

impl TargetUrl {
    /// Parses and judges a URL as a person or a program gave it.
    pub fn parse(input: &str, policy: &EgressPolicy) -> Result<Self, UrlRefusal> {
        check_spelling(input)?;
        let url = Url::parse(input).map_err(InvalidUrl::Syntax)?;
        if url.as_str().len() > MAX_BYTES {
            return Err(InvalidUrl::TooLong.into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidUrl::Credentials.into());
        }
        let destination = Destination::of(&url).ok_or(InvalidUrl::NoHost)?;
        policy
            .check_destination(&destination)
            .map_err(UrlRefusal::of)?;
        Ok(Self(url))
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn as_url(&self) -> &Url {
        &self.0
    }

    pub fn into_url(self) -> Url {
        self.0
    }
}

/// Refuses what the URL standard would silently repair, and other parsers read differently.
fn check_spelling(input: &str) -> Result<(), InvalidUrl> {
    if input.is_empty() {
        return Err(InvalidUrl::Empty);
    }
    if input.len() > MAX_BYTES {
        return Err(InvalidUrl::TooLong);
    }
    if input.chars().any(char::is_control) {
        return Err(InvalidUrl::ControlCharacter);
    }
    if input.trim() != input {
        return Err(InvalidUrl::SurroundingSpace);
    }
    let rest = after_scheme(input)?;
    let rest = rest.strip_prefix("//").ok_or(InvalidUrl::Slashes)?;
    if rest.starts_with('/') {
        return Err(InvalidUrl::Slashes);
    }
    let before_query = rest.find(['?', '#']).map_or(rest, |end| &rest[..end]);
    if before_query.contains('\\') {
        return Err(InvalidUrl::Backslash);
    }
    let authority = before_query.split('/').next().unwrap_or_default();
    if authority.is_empty() {
        return Err(InvalidUrl::NoHost);
    }
    // Also an empty userinfo (`http://@host`), which leaves no trace after parsing.
    if authority.contains('@') {
        return Err(InvalidUrl::Credentials);
    }
    Ok(())
}

fn after_scheme(input: &str) -> Result<&str, InvalidUrl> {
    let (scheme, rest) = input.split_once(':').ok_or(InvalidUrl::NoScheme)?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
        Ok(rest)
    } else if !is_scheme || scheme.contains('.') || rest.starts_with(|c: char| c.is_ascii_digit()) {
        // `example.com:8080/path`: a scheme by the letter, a missing one in the writer's mind.
        Err(InvalidUrl::NoScheme)
    } else {
        Err(InvalidUrl::Scheme)
    }
}

impl fmt::Debug for TargetUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = if self.0.query().is_some() { "?…" } else { "" };
        let origin = &self.0[..url::Position::AfterPath];
        write!(f, "TargetUrl({origin}{hidden})")
    }
}

#[cfg(test)]
mod tests;
