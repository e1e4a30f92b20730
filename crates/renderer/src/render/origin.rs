//! Headers and cookies that a caller gives: for the origin of the URL, and for no other.

use headless_chrome::protocol::cdp::{Fetch, Network};
use platen_api_types::{PdfOptions, Secret};
use url::{Origin, Url};

use crate::cdp::{CallError, Session, event};

/// What requests to one origin carry besides what the browser gives them.
#[derive(Debug)]
pub(super) struct OwnHeaders<'a> {
    origin: Origin,
    options: &'a PdfOptions,
}

impl<'a> OwnHeaders<'a> {
    pub(super) fn new(url: &Url, options: &'a PdfOptions) -> Self {
        Self {
            origin: url.origin(),
            options,
        }
    }

    /// Pauses the requests that the headers are for. Without headers nothing is paused.
    pub(super) fn patterns(&self) -> Option<Fetch::RequestPattern> {
        (!self.options.headers.is_empty()).then(|| Fetch::RequestPattern {
            url_pattern: Some(format!("{}/*", self.origin.ascii_serialization())),
            resource_Type: None,
            request_stage: Some(Fetch::RequestStage::Request),
        })
    }

    /// Lets a paused request go on. A redirect pauses anew, so that every hop is judged by itself.
    pub(super) fn resume(&self, paused: &event::RequestPaused) -> Fetch::ContinueRequest {
        // Once it has been sent, nothing of it can be changed.
        let is_own = paused.is_request()
            && Url::parse(&paused.request.url).is_ok_and(|url| url.origin() == self.origin);
        let headers = is_own.then(|| {
            let given = &self.options.headers;
            let is_given = |name: &str| given.keys().any(|own| own.eq_ignore_ascii_case(name));
            let usual = paused.request.headers.clone().into_iter();
            usual
                .filter(|(name, _)| !is_given(name))
                .chain(
                    given
                        .iter()
                        .map(|(name, Secret(value))| (name.clone(), value.clone())),
                )
                .map(|(name, value)| Fetch::HeaderEntry { name, value })
                .collect()
        });
        Fetch::ContinueRequest {
            request_id: paused.request_id.clone(),
            url: None,
            method: None,
            post_data: None,
            headers,
            intercept_response: None,
        }
    }
}

/// Gives the browser what the options want requests to the origin of `url` to carry.
pub(super) async fn give(
    session: &Session,
    url: &Url,
    options: &PdfOptions,
) -> Result<(), CallError> {
    let pause = OwnHeaders::new(url, options).patterns().map(|pattern| {
        session.send(&Fetch::Enable {
            patterns: Some(vec![pattern]),
            handle_auth_requests: None,
        })
    });
    let cookies = (!options.cookies.is_empty()).then(|| session.send(&cookies(url, options)));
    if let Some(reply) = pause {
        reply.result().await?;
    }
    if let Some(reply) = cookies {
        reply.result().await?;
    }
    Ok(())
}

/// The browser binds cookies to scheme and port, so that these stay at their origin.
fn cookies(url: &Url, options: &PdfOptions) -> Network::SetCookies {
    let is_secure = url.scheme() == "https";
    let cookies = options.cookies.iter().map(|cookie| Network::CookieParam {
        name: cookie.name.clone(),
        value: cookie.value.0.clone(),
        // Of the host alone, not of its subdomains.
        url: Some(url.as_str().to_owned()),
        domain: None,
        path: Some("/".to_owned()),
        secure: Some(is_secure),
        http_only: None,
        same_site: None,
        expires: None,
        priority: None,
        same_party: None,
        source_scheme: Some(if is_secure {
            Network::CookieSourceScheme::Secure
        } else {
            Network::CookieSourceScheme::NonSecure
        }),
        source_port: url.port_or_known_default().map(u32::from),
        partition_key: None,
    });
    Network::SetCookies {
        cookies: cookies.collect(),
    }
}
