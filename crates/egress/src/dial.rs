//! From a destination to a connection: look up once, vet every answer, dial one of those answers.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use http::Uri;
use hyper_util::rt::TokioIo;
use platen_telemetry::Chain;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tracing::field::{Empty, display};
use tracing::{Instrument, Span, info_span};
use url::Host;

use crate::destination::Destination;
use crate::ledger::Ledger;
use crate::meter::Metered;
use crate::name;
use crate::policy::{BlockReason, EgressPolicy};
use crate::resolve::{Resolve, ResolveError};
use crate::verdict::Verdict;

/// Head start of one address before the next is tried beside it (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Addresses of one name that are tried. All of them are vetted.
const MAX_ATTEMPTS: usize = 6;

/// Makes the connections of one job. As a service of URIs it feeds the HTTP client's pool.
#[derive(Clone)]
pub(crate) struct Dialer {
    pub(crate) policy: Arc<EgressPolicy>,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) ledger: Arc<Ledger>,
    /// For the look-up and all attempts together.
    pub(crate) connect_timeout: Duration,
    pub(crate) idle_timeout: Duration,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    #[error("destination refused")]
    Blocked(#[source] BlockReason),
    #[error("name not resolved")]
    Resolve(#[source] ResolveError),
    #[error("no address accepted the connection")]
    Connect(#[source] io::Error),
    #[error("no connection in time")]
    TimedOut,
    #[error("not a destination")]
    NoDestination,
}

impl DialError {
    /// The same, as a page's job would be told.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Blocked(_) | Self::NoDestination => Verdict::Blocked,
            Self::Resolve(_) => Verdict::DnsFailure,
            Self::Connect(_) => Verdict::ConnectFailed,
            Self::TimedOut => Verdict::TimedOut,
        }
    }
}

impl Dialer {
    /// A new connection to `destination`, or why there is none.
    pub(crate) async fn dial(&self, destination: &Destination) -> Result<Metered, DialError> {
        let span = info_span!(
            "egress.connect",
            host = %destination.host(),
            port = destination.port(),
            address = Empty,
            outcome = Empty,
        );
        async {
            let outcome = match timeout(self.connect_timeout, self.connect(destination)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(DialError::TimedOut),
            };
            match outcome {
                Ok(stream) => {
                    Span::current().record("outcome", "connected");
                    self.ledger.reached(destination);
                    Ok(Metered::new(stream, self.ledger.clone(), self.idle_timeout))
                }
                Err(error) => {
                    Span::current().record("outcome", error.verdict().as_str());
                    tracing::debug!(error = %Chain(&error), "not connected");
                    Err(error)
                }
            }
        }
        .instrument(span)
        .await
    }

    async fn connect(&self, destination: &Destination) -> Result<TcpStream, DialError> {
        let addresses = self.vetted(destination).await?;
        let stream = connect_first(&addresses, TcpStream::connect)
            .await
            .map_err(DialError::Connect)?;
        stream.set_nodelay(true).map_err(DialError::Connect)?;
        if let Ok(address) = stream.peer_addr() {
            Span::current().record("address", display(address));
        }
        Ok(stream)
    }

    /// The addresses that may be dialled for this one connection. A single answer that is not
    /// public refuses them all: whoever mixes them is probing.
    async fn vetted(&self, destination: &Destination) -> Result<Vec<SocketAddr>, DialError> {
        self.policy
            .check_destination(destination)
            .map_err(DialError::Blocked)?;
        let answers = self
            .answers(destination)
            .await
            .map_err(DialError::Resolve)?;
        for &address in &answers {
            self.policy
                .check_address(destination, address)
                .map_err(DialError::Blocked)?;
        }
        let dialled = answers.into_iter().take(MAX_ATTEMPTS);
        Ok(dialled
            .map(|address| SocketAddr::new(address, destination.port()))
            .collect())
    }

    async fn answers(&self, destination: &Destination) -> Result<Vec<IpAddr>, ResolveError> {
        let found = match destination.host() {
            Host::Ipv4(address) => vec![(*address).into()],
            Host::Ipv6(address) => vec![(*address).into()],
            // Names the operator listed may be short ones, to be completed by the search list.
            Host::Domain(name) if self.policy.is_allowed_by_name(destination) => {
                self.resolver.resolve(name).await?
            }
            Host::Domain(name) => {
                self.resolver
                    .resolve(&format!("{}.", name::relative(name)))
                    .await?
            }
        };
        if found.is_empty() {
            Err(ResolveError::NoAddress)
        } else {
            Ok(found)
        }
    }
}

/// The first address that accepts, tried in order with a head start each.
async fn connect_first<C, F, S>(addresses: &[SocketAddr], connect: C) -> io::Result<S>
where
    C: Fn(SocketAddr) -> F,
    F: Future<Output = io::Result<S>>,
{
    let mut untried = addresses.iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        if let Some(address) = untried.next() {
            attempts.push(connect(*address));
        } else if attempts.is_empty() {
            return Err(failure);
        }
        tokio::select! {
            Some(outcome) = attempts.next() => match outcome {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = error,
            },
            () = sleep(STAGGER), if untried.len() > 0 => {}
        }
    }
}

impl tower::Service<Uri> for Dialer {
    type Response = TokioIo<Metered>;
    type Error = DialError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dialer = self.clone();
        Box::pin(async move {
            let destination = uri
                .host()
                .and_then(|host| Destination::parse(host, uri.port_u16().unwrap_or(80)))
                .ok_or(DialError::NoDestination)?;
            dialer.dial(&destination).await.map(TokioIo::new)
        })
    }
}

#[cfg(test)]
mod tests;
