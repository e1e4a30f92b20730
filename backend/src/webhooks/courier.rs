//! One call of a receiver, through the guard that pages are behind.
//!
//! A connection of its own for every call: each is looked up, vetted and dialled anew, there is no pool
//! for an address to stay in, no redirect to follow, and no proxy that the environment could name.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use platen_api_types::DeliveryError;
use platen_egress::{Budget, Destination, Egress, Verdict};
use platen_telemetry::Chain;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto, pki_types::ServerName},
};
use tokio_util::task::AbortOnDropHandle;
use url::{Host, Position, Url};

/// Until the status is there. The standard asks for 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(20);

const BUDGET: Budget = Budget {
    bytes: 1024 * 1024,
    connections: 1,
    connect_timeout: Duration::from_secs(10),
    idle_timeout: TIMEOUT,
};

/// Of an answer's body, which is thrown away: read at all so that the receiver is not cut off while it
/// is still writing.
const BODY_BYTES: usize = 16 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(2);

const USER_AGENT: &str = concat!("Platen-Webhooks/", env!("CARGO_PKG_VERSION"));

/// Makes calls.
#[derive(Clone)]
pub struct Courier {
    egress: Egress,
    tls: TlsConnector,
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub id: String,
    /// Seconds since 1970.
    pub timestamp: i64,
    pub signature: String,
    pub body: Bytes,
}

/// The head of an answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
}

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("TLS to receivers of webhooks cannot be set up")]
pub struct CourierError(#[from] tokio_rustls::rustls::Error);

impl Courier {
    pub fn new(egress: Egress, roots: RootCertStore) -> Result<Self, CourierError> {
        let config =
            ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots)
                .with_no_client_auth();
        Ok(Self {
            egress,
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    /// Sends it, and waits for the status of the answer.
    pub async fn deliver(&self, url: &Url, parcel: Parcel) -> Result<Answer, DeliveryError> {
        tokio::time::timeout(TIMEOUT, self.call(url, parcel))
            .await
            .unwrap_or(Err(DeliveryError::Timeout))
    }

    async fn call(&self, url: &Url, parcel: Parcel) -> Result<Answer, DeliveryError> {
        let destination = Destination::of(url).ok_or(DeliveryError::DestinationBlocked)?;
        let request = request(url, parcel).map_err(|error| {
            // Such a URL is not accepted in the first place.
            tracing::error!(error = %Chain(&error), "webhook cannot be called");
            DeliveryError::ConnectionFailed
        })?;
        let stream = self
            .egress
            .connect(&destination, BUDGET)
            .await
            .map_err(|error| of_verdict(error.verdict()))?;
        if url.scheme() == "http" {
            return exchange(stream, request).await;
        }
        let name = server_name(&destination)?;
        let stream = self.tls.connect(name, stream).await;
        exchange(stream.map_err(|error| of_handshake(&error))?, request).await
    }
}

/// The certificates that this machine trusts.
pub fn machine_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "some of the machine's certificates cannot be read");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    roots
}

fn request(url: &Url, parcel: Parcel) -> http::Result<Request<Full<Bytes>>> {
    Request::post(&url[Position::BeforePath..Position::AfterQuery])
        .header(
            header::HOST,
            &url[Position::BeforeHost..Position::AfterPort],
        )
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close")
        .header("webhook-id", parcel.id)
        .header("webhook-timestamp", parcel.timestamp)
        .header("webhook-signature", parcel.signature)
        .body(Full::new(parcel.body))
}

fn server_name(destination: &Destination) -> Result<ServerName<'static>, DeliveryError> {
    match destination.host() {
        Host::Ipv4(address) => Ok(ServerName::IpAddress((*address).into())),
        Host::Ipv6(address) => Ok(ServerName::IpAddress((*address).into())),
        Host::Domain(name) => {
            ServerName::try_from(name.clone()).map_err(|_| DeliveryError::TlsError)
        }
    }
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, DeliveryError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| of_http(&error))?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let response = sender.send_request(request).await;
    let (head, body) = response.map_err(|error| of_http(&error))?.into_parts();
    drain(body).await;
    Ok(Answer {
        status: head.status,
        headers: head.headers,
    })
}

/// The status is all that counts: how the body goes on changes nothing.
async fn drain(body: Incoming) {
    let read = Limited::new(body, BODY_BYTES).collect();
    if !matches!(tokio::time::timeout(BODY_TIMEOUT, read).await, Ok(Ok(_))) {
        tracing::debug!("answer of a webhook's receiver not read to its end");
    }
}

fn of_verdict(verdict: Verdict) -> DeliveryError {
    match verdict {
        Verdict::Blocked => DeliveryError::DestinationBlocked,
        Verdict::DnsFailure => DeliveryError::DnsFailure,
        Verdict::TimedOut => DeliveryError::Timeout,
        Verdict::ConnectFailed | Verdict::BudgetSpent | Verdict::BadRequest => {
            DeliveryError::ConnectionFailed
        }
    }
}

/// rustls reports what it objects to as invalid data; everything else is the connection's.
fn of_handshake(error: &io::Error) -> DeliveryError {
    tracing::debug!(%error, "no TLS to a webhook's receiver");
    match error.kind() {
        io::ErrorKind::InvalidData => DeliveryError::TlsError,
        io::ErrorKind::TimedOut => DeliveryError::Timeout,
        _ => DeliveryError::ConnectionFailed,
    }
}

fn of_http(error: &hyper::Error) -> DeliveryError {
    tracing::debug!(error = %Chain(error), "no answer of a webhook's receiver");
    let causes = std::iter::successors(std::error::Error::source(error), |error| error.source());
    let is_timeout = causes
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::TimedOut);
    if is_timeout {
        DeliveryError::Timeout
    } else {
        DeliveryError::ConnectionFailed
    }
}
