//! A web server that answers what a test tells it to.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::Barrier,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// Bytes that a page may send.
const UPLOAD_BYTES: usize = 16 << 20;

/// What the site says at one path.
#[derive(Clone)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    /// The body never ends.
    endless: bool,
    /// The body is repeated at this pace, without end.
    repeated: Option<Duration>,
    /// How long the site thinks before it answers.
    thinking: Duration,
    /// The answer waits until as many have asked for it.
    together: Option<Arc<Barrier>>,
    /// Who brings no credentials is asked for them.
    guarded: bool,
}

impl Answer {
    pub(crate) fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self {
            status: StatusCode::OK,
            headers,
            body: body.into(),
            endless: false,
            repeated: None,
            thinking: Duration::ZERO,
            together: None,
            guarded: false,
        }
    }

    pub(crate) fn html(body: impl Into<String>) -> Self {
        Self::new("text/html; charset=utf-8", body.into())
    }

    pub(crate) fn redirect(to: &str) -> Self {
        let mut answer = Self::html("");
        answer.status = StatusCode::FOUND;
        answer.with("location", to)
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap();
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        self
    }

    pub(crate) fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    pub(crate) fn repeated_every(mut self, pace: Duration) -> Self {
        self.repeated = Some(pace);
        self
    }

    /// Comes late: how much is what the test is about.
    pub(crate) fn after(mut self, thinking: Duration) -> Self {
        self.thinking = thinking;
        self
    }

    /// Nobody is answered before so many have asked: their pages are open at the same time.
    pub(crate) fn together(mut self, many: usize) -> Self {
        self.together = Some(Arc::new(Barrier::new(many)));
        self
    }

    /// Answers 401 to those without credentials.
    pub(crate) fn guarded(mut self) -> Self {
        self.guarded = true;
        self
    }
}

/// A request as the site saw it.
#[derive(Clone)]
pub(crate) struct Seen {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Clone)]
pub(crate) struct Site {
    shared: Arc<Shared>,
}

struct Shared {
    address: SocketAddr,
    answers: Mutex<HashMap<String, Answer>>,
    seen: Mutex<Vec<Seen>>,
    last: AtomicUsize,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_at([127, 0, 0, 1]).await
    }

    /// Another host of this machine: for a browser, another site.
    pub(crate) async fn start_at(host: [u8; 4]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::from(host), 0)).await.unwrap();
        let site = Self {
            shared: Arc::new(Shared {
                address: listener.local_addr().unwrap(),
                answers: Mutex::default(),
                seen: Mutex::default(),
                last: AtomicUsize::new(0),
            }),
        };
        let router = Router::new().fallback(answer).with_state(site.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        site
    }

    pub(crate) fn port(&self) -> u16 {
        self.shared.address.port()
    }

    /// As an allow-list names it.
    pub(crate) fn authority(&self) -> String {
        self.shared.address.to_string()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.shared.address)
    }

    /// Serves `answer` at a path that no other test has. Returns the path.
    pub(crate) fn serve(&self, answer: Answer) -> String {
        let path = format!("/{}", self.shared.last.fetch_add(1, Ordering::Relaxed));
        self.serve_at(&path, answer);
        path
    }

    pub(crate) fn serve_at(&self, path: &str, answer: Answer) {
        let mut answers = self.shared.answers.lock().unwrap();
        answers.insert(path.to_owned(), answer);
    }

    /// Requests for `path` so far.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = self.shared.seen.lock().unwrap();
        seen.iter()
            .filter(|seen| seen.path == path)
            .cloned()
            .collect()
    }
}

async fn answer(State(site): State<Site>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    // One that does not come whole was sent by a page that is gone.
    let body = to_bytes(request.into_body(), UPLOAD_BYTES)
        .await
        .unwrap_or_default();
    let has_credentials = headers.contains_key(header::AUTHORIZATION);
    site.shared.seen.lock().unwrap().push(Seen {
        path: path.clone(),
        headers,
        body,
    });
    let answer = site.shared.answers.lock().unwrap().get(&path).cloned();
    let Some(answer) = answer else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if answer.guarded && !has_credentials {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=x")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    }
    if let Some(together) = answer.together {
        together.wait().await;
    }
    tokio::time::sleep(answer.thinking).await;
    let body = if let Some(pace) = answer.repeated {
        let body = answer.body;
        Body::from_stream(stream::unfold((), move |()| {
            let body = body.clone();
            async move {
                tokio::time::sleep(pace).await;
                Some((Ok::<_, std::io::Error>(body), ()))
            }
        }))
    } else if answer.endless {
        let start = stream::iter([Ok::<_, std::io::Error>(answer.body)]);
        Body::from_stream(start.chain(stream::pending()))
    } else {
        Body::from(answer.body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

/// Speaks TLS with a certificate of its own, whose public key (DER) comes with it.
pub(crate) fn self_signed(host: &str) -> (TlsAcceptor, Vec<u8>) {
    let own = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let public_key = rcgen::PublicKeyData::subject_public_key_info(&own.signing_key);
    (TlsAcceptor::from(Arc::new(config)), public_key)
}

/// A server whose certificate no one vouches for. Returns its port.
pub(crate) async fn start_tls() -> u16 {
    let (acceptor, _) = self_signed("127.0.0.1");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A browser that does not trust the certificate ends the handshake.
            tokio::spawn(acceptor.accept(stream));
        }
    });
    port
}

/// A port of loopback on which no one listens, nor can while this is held: it is bound.
pub(crate) fn closed_port() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    socket
}
