//! A client that looks at every answer as strictly as the contract is worded.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use reqwest::{
    Method, StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use serde_json::{Value, json};

use crate::{Events, Pdf, eventually};

/// Longest that a small page may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Password of every account that tests make.
pub const PASSWORD: &str = "correct horse battery";

/// A program that talks to `/api/v1`, signed in or not.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    /// One without credentials. `origin` has no slash at its end.
    pub fn new(origin: &str) -> Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(Duration::from_secs(5))
                .build()?,
            base: base(origin),
            token: None,
        })
    }

    /// The same, of a server at another origin.
    #[must_use]
    pub fn at(&self, origin: &str) -> Self {
        Self {
            base: base(origin),
            ..self.clone()
        }
    }

    /// The same with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// Makes an account and signs in to it.
    pub async fn sign_up(&self, username: &str) -> Result<Self> {
        let account = json!({ "username": username, "password": PASSWORD });
        self.post("/sign-up", &account)
            .await?
            .expect(StatusCode::CREATED)?;
        self.sign_in(username).await
    }

    /// Signs in to an account made by [`Self::sign_up`].
    pub async fn sign_in(&self, username: &str) -> Result<Self> {
        let account = json!({ "username": username, "password": PASSWORD });
        let session = self.post("/sign-in", &account).await?.ok()?;
        Ok(self.with_token(session["token"].as_str().context("no token")?))
    }

    /// Id of the user, which the API does not tell: out of the session token.
    pub fn user_id(&self) -> Result<String> {
        let token = self.token.as_deref().context("not signed in")?;
        let claims = token.split('.').nth(1).context("no token")?;
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
        Ok(text(&claims, "sub")?.to_owned())
    }

    /// Starts a request to a path below `/api/v1`, with this client's credentials.
    pub fn call(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut headers = HeaderMap::new();
        let bearer = self
            .token
            .as_ref()
            .and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
        headers.extend(bearer.map(|bearer| (AUTHORIZATION, bearer)));
        self.http
            .request(method, format!("{}{path}", self.base))
            .timeout(PATIENCE)
            .headers(headers)
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        Answer::of(self.call(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        Answer::of(self.call(Method::POST, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Answer> {
        Answer::of(self.call(Method::DELETE, path)).await
    }

    /// Asks for a PDF and returns the file object of the 201.
    pub async fn request(&self, url: &str) -> Result<Value> {
        self.request_with(&json!({ "url": url })).await
    }

    /// [`Self::request`] with a body of one's own.
    pub async fn request_with(&self, body: &Value) -> Result<Value> {
        let answer = self.post("/request", body).await?;
        let location = answer.header("location").map(str::to_owned);
        let file = answer.expect(StatusCode::CREATED)?;
        ensure!(
            location == Some(format!("/api/v1/request/{}", text(&file, "id")?)),
            "Location is {location:?}"
        );
        Ok(file)
    }

    /// The file once it is `ready` or `failed`.
    pub async fn finished(&self, file: &Value) -> Result<Value> {
        let path = format!("/request/{}", text(file, "id")?);
        eventually(&format!("{file} is done"), PATIENCE, async || {
            let file = self.get(&path).await?.ok()?;
            let done = matches!(text(&file, "status")?, "ready" | "failed");
            Ok(done.then_some(file))
        })
        .await
    }

    /// The file once it is `ready`; an error when it fails.
    pub async fn ready(&self, file: &Value) -> Result<Value> {
        let file = self.finished(file).await?;
        ensure!(file["status"] == "ready", "not ready: {file}");
        Ok(file)
    }

    /// Asks for a page and expects it to fail; the reason's code.
    pub async fn failure(&self, body: &Value) -> Result<String> {
        let file = self.request_with(body).await?;
        let file = self.finished(&file).await?;
        ensure!(file["status"] == "failed", "did not fail: {file}");
        let reason = &file["reason"];
        ensure!(
            text(reason, "detail")?.ends_with('.'),
            "the reason is no sentence: {reason}"
        );
        ensure!(
            file.get("size").is_none() && file.get("pages").is_none(),
            "{file}"
        );
        Ok(text(reason, "code")?.to_owned())
    }

    /// The first page of the list.
    pub async fn files(&self) -> Result<Vec<Value>> {
        let list = self.get("/files").await?.ok()?;
        Ok(list["files"].as_array().context("no list")?.clone())
    }

    /// The PDF of a ready file.
    pub async fn download(&self, file: &Value) -> Result<Pdf> {
        let answer = self.get(&format!("/file/{}", text(file, "name")?)).await?;
        ensure!(answer.status == StatusCode::OK, "{}", answer.status);
        Pdf::new(&answer.body)
    }

    /// The stream of events; `last` is the id of the last event seen.
    pub async fn events(&self, last: Option<&str>) -> Result<Events> {
        let mut call = self.call(Method::GET, "/events");
        if let Some(last) = last {
            call = call.header("Last-Event-ID", last);
        }
        Events::of(call.send().await?)
    }
}

fn base(origin: &str) -> String {
    format!("{origin}/api/v1")
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value[field]
        .as_str()
        .with_context(|| format!("no text `{field}` in {value}"))
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub async fn of(call: reqwest::RequestBuilder) -> Result<Self> {
        let response = call.send().await?;
        Ok(Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await?,
        })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The JSON of a 200.
    pub fn ok(&self) -> Result<Value> {
        self.expect(StatusCode::OK)
    }

    /// The body of an answer with this status, as JSON where there is one.
    pub fn expect(&self, status: StatusCode) -> Result<Value> {
        ensure!(
            self.status == status,
            "{} instead of {status}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// Checks that the answer is problem details with this status and code (RFC 9457), complete
    /// and fit for a person to read.
    pub fn expect_problem(&self, status: u16, code: &str) -> Result<Value> {
        let body = String::from_utf8_lossy(&self.body);
        ensure!(
            self.status.as_u16() == status,
            "{} instead of {status} {code}: {body}",
            self.status
        );
        ensure!(
            self.header("content-type") == Some("application/problem+json"),
            "content type {:?}: {body}",
            self.header("content-type")
        );
        let problem: Value = serde_json::from_slice(&self.body)?;
        ensure!(problem["code"] == code, "not {code}: {problem}");
        ensure!(problem["status"] == status, "status differs: {problem}");
        for member in ["type", "title", "detail"] {
            if text(&problem, member)?.is_empty() {
                bail!("empty {member}: {problem}");
            }
        }
        Ok(problem)
    }
}
