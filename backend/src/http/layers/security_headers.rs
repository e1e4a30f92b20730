//! What browsers are told about every answer.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Client;

/// For answers that are no page: nothing may be loaded, nobody may frame it.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// One year. Not for subdomains: those are the operator's to speak for.
const TRANSPORT_SECURITY: &str = "max-age=31536000";

const PERMISSIONS: &str = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), \
     geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// Adds the headers that an answer has not set for itself.
pub(crate) async fn secure(request: Request, next: Next) -> Response {
    let over_tls = request
        .extensions()
        .get::<Client>()
        .is_some_and(|client| client.secure);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    default(headers, header::CONTENT_SECURITY_POLICY, API_POLICY);
    default(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(headers, header::REFERRER_POLICY, "no-referrer");
    default(
        headers,
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS,
    );
    default(
        headers,
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    default(
        headers,
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    // What an account sees is nobody else's; pages and files say for themselves how they keep.
    default(headers, header::CACHE_CONTROL, "no-store");
    if over_tls {
        default(
            headers,
            header::STRICT_TRANSPORT_SECURITY,
            TRANSPORT_SECURITY,
        );
    }
    response
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
