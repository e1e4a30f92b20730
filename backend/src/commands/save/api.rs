//! A client of the API.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use platen_api_types::{File, FileId, NewRequests, Problem, RequestResult, RequestResults};
use platen_pipeline::FileName;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use url::Url;

use super::SaveError;

/// For a connection, and for an answer to begin: the server gives up after 30 seconds by itself.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_mins(1);

/// Tries of a call that found nobody, each after a longer pause: a server that restarts is back.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(250);

/// When a server that is busy does not say when to come back.
const COME_BACK: Duration = Duration::from_secs(5);

/// Bytes of an answer that is no PDF.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// One server, and the key to it.
pub(super) struct Api {
    base: Url,
    authorization: HeaderValue,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// The bytes of a PDF, as they come.
pub(super) struct Download {
    body: Incoming,
    server: String,
}

impl Download {
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, SaveError> {
        loop {
            let frame = timeout(ANSWER, self.body.frame()).await;
            let frame = match frame {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => return Err(unreachable(&self.server, error)),
                Err(slow) => return Err(unreachable(&self.server, slow)),
            };
            if let Ok(bytes) = frame.into_data() {
                return Ok(Some(bytes));
            }
        }
    }
}

impl Api {
    pub(super) fn new(server: &str, key: &SecretString) -> Result<Self, SaveError> {
        let base = base(server).ok_or_else(|| SaveError::Server(server.to_owned()))?;
        let bearer = format!("Bearer {}", key.expose_secret().trim());
        let mut authorization = HeaderValue::try_from(bearer).map_err(|_| SaveError::BadKey)?;
        authorization.set_sensitive(true);
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(SaveError::Trust)?
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self {
            base,
            authorization,
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    /// Asks for pages. The same `name` asks for the same again.
    pub(super) async fn request(
        &self,
        new: &NewRequests,
        name: &str,
    ) -> Result<Vec<RequestResult>, SaveError> {
        let body = serde_json::to_vec(new).map_err(anyhow::Error::from)?;
        let answer = self
            .call("requests", || {
                let json = (header::CONTENT_TYPE, "application/json");
                Request::builder()
                    .method(Method::POST)
                    .header(json.0, json.1)
                    .header("idempotency-key", name)
                    .body(Full::from(body.clone()))
            })
            .await?;
        let results: RequestResults = self.read(answer).await?;
        if results.results.len() == new.urls.len() {
            Ok(results.results)
        } else {
            Err(self.foreign())
        }
    }

    pub(super) async fn state(&self, id: FileId) -> Result<File, SaveError> {
        let answer = self.get(&format!("request/{id}")).await?;
        self.read(answer).await
    }

    pub(super) async fn download(&self, name: &FileName) -> Result<Download, SaveError> {
        let answer = self.get(&format!("file/{name}")).await?;
        Ok(Download {
            body: answer.into_body(),
            server: self.server(),
        })
    }

    /// Where a file is, for people.
    pub(super) fn address(&self, name: &FileName) -> String {
        format!("{}file/{name}", self.base)
    }

    /// It answered, but not as it should.
    pub(super) fn foreign(&self) -> SaveError {
        SaveError::Foreign {
            server: self.server(),
        }
    }

    fn server(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    async fn get(&self, path: &str) -> Result<Response<Incoming>, SaveError> {
        self.call(path, || Request::builder().body(Full::default()))
            .await
    }

    /// Calls until there is an answer other than "come back later". All calls may be repeated:
    /// those that change something have a name.
    async fn call(
        &self,
        path: &str,
        request: impl Fn() -> http::Result<Request<Full<Bytes>>>,
    ) -> Result<Response<Incoming>, SaveError> {
        let mut tries = 1;
        loop {
            match self.once(path, request()).await {
                Ok(answer) if answer.status().is_success() => return Ok(answer),
                Ok(answer) => {
                    let pause = later(&answer);
                    let problem = self.problem(answer).await;
                    let Some(pause) = pause else {
                        return Err(problem);
                    };
                    tokio::time::sleep(pause).await;
                }
                Err(SaveError::Unreachable { .. }) if tries < TRIES => {
                    tokio::time::sleep(PAUSE * tries * tries).await;
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn once(
        &self,
        path: &str,
        request: http::Result<Request<Full<Bytes>>>,
    ) -> Result<Response<Incoming>, SaveError> {
        let mut request = request.map_err(anyhow::Error::from)?;
        *request.uri_mut() = format!("{}{path}", self.base)
            .parse()
            .map_err(anyhow::Error::from)?;
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        let agent = HeaderValue::from_static(concat!("platen/", env!("CARGO_PKG_VERSION")));
        headers.insert(header::USER_AGENT, agent);
        match timeout(ANSWER, self.client.request(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(unreachable(&self.server(), error)),
            Err(slow) => Err(unreachable(&self.server(), slow)),
        }
    }

    async fn read<T: DeserializeOwned>(&self, answer: Response<Incoming>) -> Result<T, SaveError> {
        let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect();
        let body = match timeout(ANSWER, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) => return Err(unreachable(&self.server(), error)),
            Err(slow) => return Err(unreachable(&self.server(), slow)),
        };
        serde_json::from_slice(&body).map_err(|_| self.foreign())
    }

    async fn problem(&self, answer: Response<Incoming>) -> SaveError {
        let read = self.read::<Problem>(answer).await;
        read.map_or_else(
            |error| error,
            |problem| SaveError::Problem(Box::new(problem)),
        )
    }
}

/// When to call again; `None`: that would not help.
fn later(answer: &Response<Incoming>) -> Option<Duration> {
    let said = answer.headers().get(header::RETRY_AFTER);
    let said = said.and_then(|value| value.to_str().ok()?.parse().ok());
    // Never at once: a server that says so by mistake is not to be stormed.
    let seconds = |seconds: u64| Duration::from_secs(seconds.max(1));
    match answer.status() {
        StatusCode::SERVICE_UNAVAILABLE => Some(said.map_or(COME_BACK, seconds)),
        // Without a time, nothing passes by itself.
        StatusCode::TOO_MANY_REQUESTS => said.map(seconds),
        _ => None,
    }
}

/// `https://platen.example`, with or without a path in front of the API.
fn base(server: &str) -> Option<Url> {
    let mut url = Url::parse(server).ok()?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let path = format!("{}/api/v1/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    usable.then_some(url)
}

fn unreachable(
    server: &str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> SaveError {
    SaveError::Unreachable {
        server: server.to_owned(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use axum::{Router, response::IntoResponse as _, routing::any};

    use super::*;

    /// A server that answers each call with what comes next.
    async fn server(answers: Vec<axum::response::Response>) -> (Api, Arc<AtomicU32>) {
        let calls = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&calls);
        let answers = Arc::new(std::sync::Mutex::new(answers.into_iter()));
        let answer = move || {
            counter.fetch_add(1, Ordering::SeqCst);
            let next = answers.lock().unwrap().next().unwrap();
            async { next }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(any(answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let api = Api::new(&format!("http://{address}"), &"key".into()).unwrap();
        (api, calls)
    }

    fn busy(status: StatusCode, code: platen_api_types::ProblemCode) -> axum::response::Response {
        let problem = Problem::new(code, "Later.");
        (status, [("retry-after", "1")], axum::Json(problem)).into_response()
    }

    #[tokio::test]
    async fn who_is_told_to_come_back_comes_back_then_and_not_before() {
        use platen_api_types::ProblemCode::{Overloaded, RateLimited};

        let fine = (StatusCode::OK, "{\"results\":[]}").into_response();
        let (api, calls) = server(vec![
            busy(StatusCode::TOO_MANY_REQUESTS, RateLimited),
            busy(StatusCode::SERVICE_UNAVAILABLE, Overloaded),
            fine,
        ])
        .await;
        let start = std::time::Instant::now();
        let new = NewRequests {
            urls: Vec::new(),
            options: platen_api_types::PdfOptions::default(),
        };
        assert!(api.request(&new, "name").await.unwrap().is_empty());
        assert_eq!(calls.load(Ordering::SeqCst), 3);
        assert!(start.elapsed() >= Duration::from_secs(2));
    }

    #[tokio::test]
    async fn a_problem_that_does_not_pass_is_told_at_once() {
        let full = Problem::new(platen_api_types::ProblemCode::QuotaExceeded, "It is full.");
        let full = (StatusCode::TOO_MANY_REQUESTS, axum::Json(full)).into_response();
        let (api, calls) = server(vec![full]).await;
        let id = FileId::from_uuid(uuid::Uuid::nil());
        let error = api.state(id).await.unwrap_err();
        assert_eq!((error.exit_code(), calls.load(Ordering::SeqCst)), (3, 1));
    }

    #[tokio::test]
    async fn what_is_no_platen_is_told_so() {
        let page = (StatusCode::NOT_FOUND, "<html>").into_response();
        let (api, _) = server(vec![page, "<html>".into_response()]).await;
        for _ in 0..2 {
            let id = FileId::from_uuid(uuid::Uuid::nil());
            let error = api.state(id).await.unwrap_err();
            assert!(matches!(error, SaveError::Foreign { .. }), "{error}");
        }
    }

    #[test]
    fn an_address_may_have_a_path_but_no_secrets() {
        for (server, base_url) in [
            ("https://a.example", "https://a.example/api/v1/"),
            ("http://a.example:8080/", "http://a.example:8080/api/v1/"),
            ("https://a.example/pdf/", "https://a.example/pdf/api/v1/"),
        ] {
            assert_eq!(base(server).unwrap().as_str(), base_url);
        }
        for server in [
            "a.example",
            "ftp://a.example",
            "https://u:p@a.example",
            "https://a?b",
        ] {
            assert!(base(server).is_none(), "{server}");
        }
    }
}
