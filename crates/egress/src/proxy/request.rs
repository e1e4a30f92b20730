//! What a request to the proxy asks for.
//!
//! Only what a browser sends to a proxy is understood. Everything that two HTTP parsers could read
//! differently is refused, never repaired: the request that was judged is the one that is sent.

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Method, Uri, Version};

use crate::destination::Destination;

/// What to do with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// An absolute-form request for an `http` URL.
    Forward(Destination),
    /// `CONNECT`.
    Tunnel(Destination),
}

/// A request that no browser sends to a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadRequest {
    #[error("not HTTP/1.1")]
    Version,
    #[error("the target is neither an absolute http url nor an authority")]
    Target,
    #[error("the authority is malformed or holds credentials")]
    Authority,
    #[error("the Host header is missing, repeated or differs from the target")]
    Host,
    // Browsers stream uploads over HTTP/2 only. Without chunked requests there is one way to say
    // how long a body is, and no room for smuggling a second request behind it.
    #[error("the body is framed by Transfer-Encoding")]
    TransferEncoding,
    #[error("Content-Length is repeated, or has no place here")]
    ContentLength,
}

/// Reads method, target and framing of a request.
pub(crate) fn route(
    method: &Method,
    uri: &Uri,
    version: Version,
    headers: &HeaderMap,
) -> Result<Route, BadRequest> {
    if version != Version::HTTP_11 {
        return Err(BadRequest::Version);
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        return Err(BadRequest::TransferEncoding);
    }
    if headers.get_all(CONTENT_LENGTH).iter().nth(1).is_some() {
        return Err(BadRequest::ContentLength);
    }
    let authority = uri.authority().ok_or(BadRequest::Target)?;
    if method == Method::CONNECT {
        if uri.scheme().is_some() || uri.path_and_query().is_some() {
            return Err(BadRequest::Target);
        }
        if headers.contains_key(CONTENT_LENGTH) {
            return Err(BadRequest::ContentLength);
        }
        // RFC 9110, 9.3.6: there is no default port.
        let port = authority.port_u16().ok_or(BadRequest::Authority)?;
        let destination = destination(authority, port)?;
        check_host(headers, &destination, port)?;
        Ok(Route::Tunnel(destination))
    } else {
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err(BadRequest::Target);
        }
        let destination = destination(authority, 80)?;
        check_host(headers, &destination, 80)?;
        Ok(Route::Forward(destination))
    }
}

/// Reads `host[:port]`. What `http` tolerates around it (credentials, an empty or overlong port)
/// is refused.
fn destination(authority: &Authority, default_port: u16) -> Result<Destination, BadRequest> {
    let host = authority.host();
    let rest = authority
        .as_str()
        .strip_prefix(host)
        .ok_or(BadRequest::Authority)?;
    let port = match (rest, authority.port_u16()) {
        ("", _) => default_port,
        (_, Some(port)) => port,
        (_, None) => return Err(BadRequest::Authority),
    };
    Destination::parse(host, port).ok_or(BadRequest::Authority)
}

/// RFC 9112, 3.2.2 has a proxy overwrite `Host`; one that differs is worth a refusal.
fn check_host(
    headers: &HeaderMap,
    destination: &Destination,
    default_port: u16,
) -> Result<(), BadRequest> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(BadRequest::Host);
    };
    let named = host
        .to_str()
        .ok()
        .and_then(|host| host.parse::<Authority>().ok())
        .and_then(|authority| self::destination(&authority, default_port).ok());
    if named.as_ref() == Some(destination) {
        Ok(())
    } else {
        Err(BadRequest::Host)
    }
}

#[cfg(test)]
mod tests;
