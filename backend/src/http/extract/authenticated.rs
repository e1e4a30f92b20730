//! Who is asking.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use platen_api_types::{ProblemCode, Scope};

use crate::{
    accounts::{Identity, KEY_PREFIX},
    http::{
        App, cookie,
        error::ApiError,
        layers::{Client, RequestUser},
    },
};

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A request by a person who has signed in: for what no program may do.
pub(crate) struct SignedIn(pub Identity);

/// A request by someone who may see the files: a person, or a program with a key for that.
pub(crate) struct Reader(pub Identity);

/// A request by someone who may make and delete files: a person, or a program with a key for that.
pub(crate) struct Writer(pub Identity);

/// A request by someone who may have others told of the files: a person, or a program with a key for
/// that. A webhook outlives the key that made it, so seeing the files is not enough.
pub(crate) struct Notifier(pub Identity);

/// What a request brings to prove it.
enum Credential {
    /// A key of a program.
    Key(String),
    /// In a header that only its own client can set.
    Header(String),
    /// Sent by the browser, whoever made it send the request.
    Cookie(String),
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let identity = authenticate(parts, app).await?;
        if identity.is_session() {
            Ok(Self(identity))
        } else {
            Err(ApiError::new(
                ProblemCode::InsufficientScope,
                "No API key allows this. Sign in, and use the token that you get.",
            ))
        }
    }
}

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let identity = authenticate(parts, app).await?;
        allowed(identity, Scope::FilesRead).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Writer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let identity = authenticate(parts, app).await?;
        allowed(identity, Scope::FilesWrite).map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Notifier {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let identity = authenticate(parts, app).await?;
        allowed(identity, Scope::Webhooks).map(Self)
    }
}

fn allowed(identity: Identity, scope: Scope) -> Result<Identity, ApiError> {
    if identity.allows(scope) {
        return Ok(identity);
    }
    let detail = format!("The API key does not have the scope {scope}. Use one that has.");
    Err(ApiError::new(ProblemCode::InsufficientScope, detail))
}

async fn authenticate(parts: &mut Parts, app: &App) -> Result<Identity, ApiError> {
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
        Credential::Key(token) => app.accounts.authenticate_key(&token).await?,
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
    Ok(identity)
}

/// The strongest statement wins: what a client wrote itself over what a browser adds.
fn credential(headers: &HeaderMap, secure: bool) -> Option<Credential> {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    if let Some(authorization) = headers.get(header::AUTHORIZATION).and_then(text) {
        let (scheme, token) = authorization.split_once(' ')?;
        let token = token.trim().to_owned();
        return scheme.eq_ignore_ascii_case("bearer").then(|| {
            if token.starts_with(KEY_PREFIX) {
                Credential::Key(token)
            } else {
                Credential::Header(token)
            }
        });
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
                Some(Credential::Key(token)) => format!("key {token}"),
                Some(Credential::Header(token)) => format!("header {token}"),
                Some(Credential::Cookie(token)) => format!("cookie {token}"),
                None => "none".to_owned(),
            };
        assert_eq!(found([("authorization", "bearer b"), cookie]), "header b");
        assert_eq!(
            found([("authorization", "Bearer platen_k"), cookie]),
            "key platen_k"
        );
        assert_eq!(found([("authorization", "Basic b"), cookie]), "none");
        assert_eq!(found([("accept", "*/*"), cookie]), "cookie c");
        for empty in ["platen=", "__Host-platen=c"] {
            assert_eq!(found([("accept", "*/*"), ("cookie", empty)]), "none");
        }
    }
}
