//! One request and its answer.

use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header, request::Builder};
use http_body_util::BodyExt;
use platen_api_types::{Problem, ProblemCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

use super::{User, rules};
use crate::http::layers::Peer;

/// A request about to be sent.
pub(crate) struct Call {
    router: Router,
    method: Method,
    path: String,
    request: Builder,
    body: Body,
}

impl Call {
    pub(super) fn new(router: &Router, method: Method, path: &str) -> Self {
        Self {
            router: router.clone(),
            request: Request::builder().method(method.clone()).uri(path),
            method,
            path: path.to_owned(),
            body: Body::empty(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn user(self, user: &User) -> Self {
        self.header("authorization", &format!("Bearer {}", user.token))
    }

    pub(crate) fn json(self, value: &Value) -> Self {
        self.header("content-type", "application/json")
            .body(value.to_string())
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The address that the connection comes from.
    pub(crate) fn from(mut self, peer: &str) -> Self {
        self.request = self.request.extension(Peer(peer.parse().unwrap()));
        self
    }

    /// The answer with its body still to come.
    pub(crate) async fn start(self) -> Response {
        let request = self.request.body(self.body).unwrap();
        let response = self.router.oneshot(request).await.unwrap();
        rules::check_head(response.status(), response.headers());
        response
    }

    pub(crate) async fn send(self) -> Answer {
        let (method, path) = (self.method.clone(), self.path.clone());
        let response = self.start().await;
        let (parts, body) = response.into_parts();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        };
        if method != Method::HEAD {
            rules::check_problem(&method, &path, &answer);
        }
        answer
    }
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> &Self {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status.as_u16(), status, "{body}");
        self
    }

    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(
            self.header(header::CONTENT_TYPE.as_str()),
            "application/json"
        );
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    pub(crate) fn problem(&self, code: ProblemCode) -> Problem {
        self.expect(code.status());
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.code, code, "{problem:?}");
        problem
    }
}
