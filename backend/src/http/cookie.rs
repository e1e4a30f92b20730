//! The session cookie.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// Over TLS: browsers then refuse it from anything but this very host over TLS (RFC 6265bis, 4.1.3).
const SECURE_NAME: &str = "__Host-platen";

/// Over plain HTTP, which browsers trust on localhost only in part: the prefix would need TLS.
const PLAIN_NAME: &str = "platen";

const fn name(secure: bool) -> &'static str {
    if secure { SECURE_NAME } else { PLAIN_NAME }
}

/// The token in the request's cookie.
pub(crate) fn token(headers: &HeaderMap, secure: bool) -> Option<String> {
    CookieJar::from_headers(headers)
        .get(name(secure))
        .map(|cookie| cookie.value().to_owned())
        .filter(|token| !token.is_empty())
}

/// Sets the cookie for as long as the session lasts.
pub(crate) fn set(token: &str, lifetime: Duration, secure: bool) -> Option<HeaderValue> {
    written(token, lifetime.as_secs(), secure)
}

/// Makes the browser forget the cookie.
pub(crate) fn clear(secure: bool) -> Option<HeaderValue> {
    written("", 0, secure)
}

/// An answer after which the browser has no cookie of ours.
pub(crate) fn forgotten(status: StatusCode, secure: bool) -> Response {
    let mut response = status.into_response();
    if let Some(cookie) = clear(secure) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn written(value: &str, max_age: u64, secure: bool) -> Option<HeaderValue> {
    let mut cookie = Cookie::new(name(secure), value);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_path("/");
    if secure {
        cookie.set_secure(true);
    }
    // The cookie crate speaks in a time library of its own; the attribute is a plain number.
    let text = format!("{cookie}; Max-Age={max_age}");
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_tls_it_is_bound_to_the_host() {
        let set = |secure| set("t", Duration::from_mins(1), secure).unwrap();
        assert_eq!(
            set(true),
            "__Host-platen=t; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=60"
        );
        assert_eq!(
            set(false),
            "platen=t; HttpOnly; SameSite=Strict; Path=/; Max-Age=60"
        );
    }
}
