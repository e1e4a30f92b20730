//! Who is asking.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use platen_api_types::ProblemCode;

use crate::{
    accounts::Identity,
    http::{
        App, cookie,
        error::ApiError,
        layers::{Client, RequestUser},
    },
};

/// The header of the original's clients.
static TOKEN: HeaderName = HeaderName::from_static("token");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A request by someone who proved who they are.
pub(crate) struct Authenticated(pub Identity);

/// What a request brings to prove it.
enum Credential {
    /// In a header that only its own client can set.
    Header(String),
    /// Sent by the browser, whoever made it send the request.
    Cookie(String),
}

impl FromRequestParts<Arc<App>> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let secure = parts
            .extensions
            .get::<Client>()
            .is_some_and(|client| client.secure);
        let credential = credential(&parts.headers, secure).ok_or_else(|| {
            ApiError::new(
                ProblemCode::Unauthenticated,
                "Sign in first, and send the token as Authorization: Bearer.",
            )
        })?;
        let identity = match credential {
            Credential::Header(token) => app.accounts.authenticate(&token).await?,
            Credential::Cookie(token) => {
                if !parts.method.is_safe() && !is_same_origin(&parts.headers) {
                    return Err(ApiError::new(
                        ProblemCode::CrossSite,
                        "The request came from a page of another site, so it was refused.",
                    ));
                }
                app.accounts.authenticate(&token).await.map_err(|error| {
                    let error = ApiError::from(error);
                    match cookie::clear(secure) {
                        // The cookie is of no use any more: the browser may forget it.
                        Some(value) if error.is_unauthorized() => {
                            error.with_header(header::SET_COOKIE, value)
                        }
                        _ => error,
                    }
                })?
            }
        };
        if let Some(user) = parts.extensions.get::<RequestUser>() {
            user.set(identity.user);
        }
        Ok(Self(identity))
    }
}

/// The strongest statement wins: what a client wrote itself over what a browser adds.
fn credential(headers: &HeaderMap, secure: bool) -> Option<Credential> {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    if let Some(authorization) = headers.get(header::AUTHORIZATION).and_then(text) {
        let (scheme, token) = authorization.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| Credential::Header(token.trim().to_owned()));
    }
    let header = headers.get(&TOKEN).and_then(text);
    // An empty value is no credential: the original took it for one.
    if let Some(token) = header.filter(|token| !token.is_empty()) {
        return Some(Credential::Header(token));
    }
    cookie::token(headers, secure).map(Credential::Cookie)
}

/// Whether a browser says that the request comes from a page of this very site. Browsers say it on
/// every request that changes something; what does not say it is no browser and has no cookie.
fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(&SEC_FETCH_SITE) {
        return site == "same-origin" || site == "none";
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers<const N: usize>(pairs: [(&'static str, &'static str); N]) -> HeaderMap {
        pairs
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn another_site_is_told_from_ours() {
        for (pairs, same) in [
            ([("sec-fetch-site", "same-origin"), ("host", "a")], true),
            ([("sec-fetch-site", "same-site"), ("host", "a")], false),
            ([("sec-fetch-site", "cross-site"), ("host", "a")], false),
            ([("origin", "https://a:8443"), ("host", "A:8443")], true),
            ([("origin", "https://a.evil"), ("host", "a")], false),
            ([("origin", "null"), ("host", "a")], false),
            ([("accept", "*/*"), ("host", "a")], false),
        ] {
            assert_eq!(is_same_origin(&headers(pairs)), same, "{pairs:?}");
        }
    }

    #[test]
    fn a_header_wins_over_a_cookie_and_emptiness_is_nothing() {
        let cookie = ("cookie", "platen=c");
        let found =
            |pairs: [(&'static str, &'static str); 2]| match credential(&headers(pairs), false) {
                Some(Credential::Header(token)) => format!("header {token}"),
                Some(Credential::Cookie(token)) => format!("cookie {token}"),
                None => "none".to_owned(),
            };
        assert_eq!(found([("authorization", "bearer b"), cookie]), "header b");
        assert_eq!(found([("authorization", "Basic b"), cookie]), "none");
        assert_eq!(found([("token", "t"), cookie]), "header t");
        assert_eq!(found([("token", ""), cookie]), "cookie c");
        assert_eq!(found([("token", ""), ("cookie", "platen=")]), "none");
        assert_eq!(
            found([("token", ""), ("cookie", "__Host-platen=c")]),
            "none"
        );
    }
}
