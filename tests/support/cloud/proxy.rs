//! A proxy in front of a real peer, where requests meet what networks and services do to them.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, TRANSFER_ENCODING},
    http::request::Parts,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    hold::{Held, Moment, Trap},
    sabotage::Sabotage,
    weather::{Fault, Weather},
};

/// A service of AWS, as far as its errors and operations look different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    DynamoDb,
    Sqs,
    S3,
}

impl Service {
    /// An answer that says: try again later.
    fn overloaded(self) -> Response<Full<Bytes>> {
        let (status, kind, body) = match self {
            Self::DynamoDb => (
                400,
                "application/x-amz-json-1.0",
                r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}"#,
            ),
            Self::Sqs => (
                503,
                "application/x-amz-json-1.0",
                r#"{"__type":"com.amazonaws.sqs#ServiceUnavailable","message":"try later"}"#,
            ),
            Self::S3 => (
                503,
                "application/xml",
                "<Error><Code>SlowDown</Code><Message>slow down</Message></Error>",
            ),
        };
        answer(status, kind, body)
    }

    /// An answer that says nothing.
    fn broken(self) -> Response<Full<Bytes>> {
        match self {
            Self::S3 => answer(
                500,
                "application/xml",
                "<Error><Code>InternalError</Code></Error>",
            ),
            Self::DynamoDb | Self::Sqs => answer(
                500,
                "application/x-amz-json-1.0",
                r#"{"__type":"InternalServerError","message":"oops"}"#,
            ),
        }
    }
}

fn answer(status: u16, kind: &'static str, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status.try_into().unwrap_or_default();
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// The proxy, on a free loopback port until dropped. At first it only passes on.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
pub(super) struct State {
    service: Service,
    upstream: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
    weather: Mutex<Weather>,
    sabotage: Mutex<Option<Sabotage>>,
    trap: Mutex<Option<Trap>>,
    sent: Mutex<Vec<Recorded>>,
    /// Copies of each message that arrive.
    copies: AtomicU32,
    /// Requests the peer has answered, by operation.
    answered: Mutex<BTreeMap<String, u64>>,
}

/// A request that was read to its end, so that it can be sent more than once.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub parts: Parts,
    pub body: Bytes,
}

impl Recorded {
    /// The operation, such as `SendMessage`: services that speak JSON are told it in a header, S3 in
    /// the query, where the SDK adds it for whoever reads logs.
    pub(super) fn operation(&self) -> Option<&str> {
        if let Some(target) = self.parts.headers.get("x-amz-target") {
            let target = target.to_str().ok()?;
            return Some(target.rsplit_once('.').map_or(target, |(_, name)| name));
        }
        let query = self.parts.uri.query()?;
        query.split('&').find_map(|part| part.strip_prefix("x-id="))
    }
}

impl FaultProxy {
    pub(super) async fn start(service: Service, upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let state = Arc::new(State {
            service,
            upstream,
            client: Client::builder(TokioExecutor::new()).build(connector),
            weather: Mutex::new(Weather::fair()),
            sabotage: Mutex::new(None),
            trap: Mutex::new(None),
            sent: Mutex::new(Vec::new()),
            copies: AtomicU32::new(1),
            answered: Mutex::default(),
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&state)));
        Ok(Self {
            address,
            state,
            task,
        })
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Changes what requests meet from now on.
    pub fn set_weather(&self, weather: Weather) {
        *lock(&self.state.weather) = weather;
    }

    /// Breaks a promise that the product relies on, to see that the checks notice.
    pub fn sabotage(&self, sabotage: Option<Sabotage>) {
        *lock(&self.state.sabotage) = sabotage;
    }

    /// Holds the next request for an operation that has `word` in its body.
    #[must_use = "the request is held for as long as this lives"]
    pub fn hold(&self, operation: &'static str, word: &'static str, moment: Moment) -> Held {
        let (trap, held) = Trap::set(operation, word, moment);
        *lock(&self.state.trap) = Some(trap);
        held
    }

    /// Makes every message arrive so many times from now on.
    pub fn copy_messages(&self, copies: u32) {
        self.state.copies.store(copies, Ordering::Relaxed);
    }

    /// Sends every message that was ever sent once more.
    pub async fn replay_messages(&self) -> Result<()> {
        let sent = lock(&self.state.sent).clone();
        for request in &sent {
            self.state.forward(request).await?;
        }
        Ok(())
    }

    /// Requests that the peer has answered so far, by operation, such as `PutObject`; by method,
    /// where a request does not tell.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        lock(&self.state.answered).clone()
    }

    /// Forgets the messages sent so far.
    pub fn forget_messages(&self) {
        lock(&self.state.sent).clear();
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        // An answer in two pieces otherwise waits 40 ms for the first to be acknowledged.
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(move |request| Arc::clone(&state).handle(request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            // An answer that is withheld ends the connection with an error, as is meant.
            let _ = connection.await;
        });
    }
}

impl State {
    /// An error makes hyper drop the connection without an answer.
    async fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> io::Result<Response<Full<Bytes>>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let mut request = Recorded { parts, body };
        let trap = lock(&self.trap).take_if(|trap| trap.catches(&request));
        if let Some(trap) = trap {
            if trap.moment == Moment::After {
                self.forward(&request).await?;
            }
            return Err(trap.hold().await);
        }
        let mut copies = 1;
        if self.service == Service::Sqs && request.operation() == Some("SendMessage") {
            lock(&self.sent).push(request.clone());
            copies = self.copies.load(Ordering::Relaxed);
        }
        let sabotage = *lock(&self.sabotage);
        if let Some(sabotage) = sabotage {
            sabotage.alter(&mut request);
            if let Some(time) = sabotage.holds_back(&request) {
                // To be late is the fault.
                tokio::time::sleep(time).await;
            }
        }
        for _ in 1..copies {
            self.forward(&request).await?;
        }
        let fault = lock(&self.weather).next();
        let answer = match fault {
            None => self.forward(&request).await,
            Some(Fault::Overloaded) => Ok(self.service.overloaded()),
            Some(Fault::Broken) => Ok(self.service.broken()),
            Some(Fault::Late(delay)) => {
                // To be late is the fault.
                tokio::time::sleep(delay).await;
                self.forward(&request).await
            }
            Some(Fault::RequestLost) => Err(withheld()),
            Some(Fault::AnswerLost) => {
                self.forward(&request).await?;
                Err(withheld())
            }
            Some(Fault::Twice) => {
                self.forward(&request).await?;
                self.forward(&request).await
            }
        }?;
        if let Some(sabotage) = sabotage {
            sabotage.after(&self, &request, &answer).await?;
        }
        Ok(answer)
    }

    /// Sends a request to the peer as it came, its `Host` included: that is signed.
    pub(super) async fn forward(&self, request: &Recorded) -> io::Result<Response<Full<Bytes>>> {
        let path = request.parts.uri.path_and_query();
        let path = path.map_or("/", |path| path.as_str());
        let mut outgoing = Request::builder()
            .method(request.parts.method.clone())
            .uri(format!("http://{}{path}", self.upstream))
            .body(Full::new(request.body.clone()))
            .map_err(io::Error::other)?;
        *outgoing.headers_mut() = request.parts.headers.clone();
        // The body is whole by now.
        outgoing.headers_mut().remove(TRANSFER_ENCODING);
        outgoing
            .headers_mut()
            .insert(CONTENT_LENGTH, request.body.len().into());
        let response = self
            .client
            .request(outgoing)
            .await
            .map_err(io::Error::other)?;
        let (mut parts, body) = response.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        parts.headers.remove(TRANSFER_ENCODING);
        self.count(request);
        Ok(Response::from_parts(parts, Full::new(body)))
    }

    fn count(&self, request: &Recorded) {
        let operation = request.operation();
        let operation = operation.unwrap_or_else(|| request.parts.method.as_str());
        let mut answered = lock(&self.answered);
        *answered.entry(operation.to_owned()).or_default() += 1;
    }
}

fn withheld() -> io::Error {
    io::Error::other("withheld")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes of an answer, which is already here.
pub(super) async fn bytes(answer: &Response<Full<Bytes>>) -> Bytes {
    let body: Result<_, Infallible> = answer.body().clone().collect().await;
    match body {
        Ok(body) => body.to_bytes(),
        Err(never) => match never {},
    }
}
