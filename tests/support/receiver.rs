//! A receiver of webhooks that answers as a test tells it.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::{
    net::TcpListener,
    sync::{Mutex as AsyncMutex, mpsc},
    task::JoinHandle,
};

use crate::{eventually, within};

/// A call that came in.
#[derive(Clone, Debug)]
pub struct Call {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    pub fn header(&self, name: &str) -> Result<&str> {
        let value = self.headers.get(name).context("no such header")?;
        Ok(value.to_str()?)
    }

    pub fn payload(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// Checks the signature as a library for Standard Webhooks does.
    pub fn verify(&self, secret: &str) -> Result<()> {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").context("no secret")?)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key)?;
        let (id, at) = (
            self.header("webhook-id")?,
            self.header("webhook-timestamp")?,
        );
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(&self.body);
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        ensure!(
            self.header("webhook-signature")? == expected,
            "not signed with {secret}"
        );
        #[expect(
            clippy::disallowed_methods,
            reason = "whoever is called has only their own clock to judge the time by"
        )]
        let now = std::time::SystemTime::now();
        let age = now
            .duration_since(std::time::UNIX_EPOCH + Duration::from_secs(at.parse()?))
            .unwrap_or_default();
        ensure!(age < Duration::from_mins(5), "signed {age:?} ago");
        Ok(())
    }
}

#[derive(Debug)]
struct Inbox {
    calls: mpsc::UnboundedSender<Call>,
    answers: Mutex<VecDeque<StatusCode>>,
}

/// Listens on a loopback port until dropped.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    inbox: Arc<Inbox>,
    calls: AsyncMutex<mpsc::UnboundedReceiver<Call>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> Result<Self> {
        Self::on(TcpListener::bind("127.0.0.1:0").await?)
    }

    /// One where another was, once that has let go of the port.
    pub async fn at(authority: &str) -> Result<Self> {
        let bound = eventually("the port is free", Duration::from_secs(20), async || {
            Ok(TcpListener::bind(authority).await.ok())
        });
        Self::on(bound.await?)
    }

    fn on(listener: TcpListener) -> Result<Self> {
        let address = listener.local_addr()?;
        let (sender, calls) = mpsc::unbounded_channel();
        let inbox = Arc::new(Inbox {
            calls: sender,
            answers: Mutex::default(),
        });
        let router = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&inbox));
        let task = tokio::spawn(async move {
            // Serving ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            inbox,
            calls: AsyncMutex::new(calls),
            task,
        })
    }

    /// `host:port`, as an allow-list wants it.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    /// The status of the next answer; 204 when nothing was said.
    pub fn answer(&self, status: StatusCode) {
        let mut answers = self
            .inbox
            .answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        answers.push_back(status);
    }

    /// The next call, which has to come.
    pub async fn next(&self) -> Result<Call> {
        within("the webhook is called", Duration::from_mins(1), async {
            self.calls.lock().await.recv().await.context("no receiver")
        })
        .await
    }

    /// Calls that have come in and were not looked at.
    pub async fn waiting(&self) -> usize {
        self.calls.lock().await.len()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // The answer first: whoever sees the call may ask for the next one to be answered otherwise.
    let mut answers = inbox.answers.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = answers.pop_front().unwrap_or(StatusCode::NO_CONTENT);
    drop(answers);
    let _ = inbox.calls.send(Call { headers, body });
    answer
}
