//! A server that answers with and without TLS on one port, and remembers who came in how.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State, connect_info::Connected},
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse as _, Response},
    serve::{IncomingStream, Listener},
};
use futures::future::BoxFuture;
use platen_egress::{Egress, Resolve, ResolveError};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;

use crate::site::self_signed;

/// Its name. Addresses have no HSTS.
pub(crate) const HOST: &str = "doors.example.com";

/// First byte of a TLS connection: a handshake record.
const HANDSHAKE: u8 = 22;

/// A request as the server saw it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    /// Number of the connection.
    pub connection: usize,
    pub is_over_tls: bool,
}

#[derive(Clone)]
pub(crate) struct Doors {
    pub port: u16,
    /// DER of the public key of its certificate.
    pub public_key: Vec<u8>,
    visits: Arc<Mutex<Vec<(String, Visit)>>>,
}

impl Doors {
    pub(crate) async fn open() -> Self {
        let (acceptor, public_key) = self_signed(HOST);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let doors = Self {
            port: listener.local_addr().unwrap().port(),
            public_key,
            visits: Arc::default(),
        };
        let (inside, arrivals) = mpsc::unbounded_channel();
        tokio::spawn(let_in(listener, acceptor, inside));
        let router = Router::new().fallback(answer).with_state(doors.clone());
        let service = router.into_make_service_with_connect_info::<Visit>();
        tokio::spawn(async move { axum::serve(Hall { arrivals }, service).await });
        doors
    }

    /// A way out that leads here alone.
    pub(crate) fn egress(&self) -> Egress {
        let allow = format!("{HOST}:{}", self.port);
        Egress::new(allow.parse().unwrap(), Arc::new(OneName))
    }

    /// Requests for `path` so far.
    pub(crate) fn visits(&self, path: &str) -> Vec<Visit> {
        let visits = self.visits.lock().unwrap();
        let to_path = visits.iter().filter(|(to, _)| to == path);
        to_path.map(|(_, visit)| *visit).collect()
    }
}

struct OneName;

impl Resolve for OneName {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        Box::pin(async move {
            if name.trim_end_matches('.') == HOST {
                Ok(vec![Ipv4Addr::LOCALHOST.into()])
            } else {
                Err(ResolveError::NoAddress)
            }
        })
    }
}

/// The page at a path says how it was reached. What else it does, the path says.
async fn answer(
    State(doors): State<Doors>,
    ConnectInfo(visit): ConnectInfo<Visit>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    doors.visits.lock().unwrap().push((path.clone(), visit));
    let scheme = if visit.is_over_tls { "https" } else { "http" };
    let mut headers = HeaderMap::new();
    if path.starts_with("/strict/") && visit.is_over_tls {
        let value = HeaderValue::from_static("max-age=10000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    let port = doors.port;
    let more = match path.as_str() {
        "/strict/and-back" => {
            format!("<meta http-equiv=refresh content='0;url=http://{HOST}:{port}/back'>")
        }
        _ => match path
            .strip_prefix("/kept/")
            .and_then(|of| of.split_once('/'))
        {
            Some((scheme @ ("http" | "https"), job)) => {
                part(&format!("/kept/part-of-{job}/{scheme}"))
            }
            _ => String::new(),
        },
    };
    (headers, Html(format!("{more}<p>over {scheme}"))).into_response()
}

/// Asked for when the page is there.
fn part(path: &str) -> String {
    format!("<script>addEventListener('load', () => fetch('{path}'))</script>")
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

type Arrival = (Box<dyn Stream>, Visit);

/// Takes connections in, through TLS where that is what they begin with.
async fn let_in(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    inside: mpsc::UnboundedSender<Arrival>,
) {
    let last = AtomicUsize::new(0);
    while let Ok((stream, _)) = listener.accept().await {
        let connection = last.fetch_add(1, Ordering::Relaxed);
        let (acceptor, inside) = (acceptor.clone(), inside.clone());
        tokio::spawn(async move {
            if let Some((stream, is_over_tls)) = through_the_right_door(stream, &acceptor).await {
                let visit = Visit {
                    connection,
                    is_over_tls,
                };
                drop(inside.send((stream, visit)));
            }
        });
    }
}

async fn through_the_right_door(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
) -> Option<(Box<dyn Stream>, bool)> {
    let mut first = [0];
    if stream.peek(&mut first).await.ok()? == 0 || first != [HANDSHAKE] {
        return Some((Box::new(stream), false));
    }
    let stream = acceptor.accept(stream).await.ok()?;
    Some((Box::new(stream), true))
}

struct Hall {
    arrivals: mpsc::UnboundedReceiver<Arrival>,
}

impl Listener for Hall {
    type Io = Box<dyn Stream>;
    type Addr = Visit;

    async fn accept(&mut self) -> Arrival {
        match self.arrivals.recv().await {
            Some(arrival) => arrival,
            // The listener is gone with the runtime.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<Visit> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

impl Connected<IncomingStream<'_, Hall>> for Visit {
    fn connect_info(stream: IncomingStream<'_, Hall>) -> Self {
        *stream.remote_addr()
    }
}
