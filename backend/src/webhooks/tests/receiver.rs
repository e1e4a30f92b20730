//! A receiver on this machine that answers as it is told.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, response::Response};
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use platen_api_types::WebhookPayload;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};

use crate::webhooks::SigningSecret;

/// Far longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came in.
#[derive(Debug)]
pub(super) struct Received {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(super) fn payload(&self) -> WebhookPayload {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Fails unless it was signed with that secret at that time.
    #[track_caller]
    pub(super) fn verify(&self, secret: &SigningSecret, at: Timestamp) {
        let second = at.as_second().to_string();
        assert_eq!(self.header("webhook-timestamp"), second);
        let signature = secret.sign(self.header("webhook-id"), at, &self.body);
        assert_eq!(self.header("webhook-signature"), signature);
    }
}

struct Inbox {
    received: mpsc::UnboundedSender<Received>,
    answers: Mutex<VecDeque<Response>>,
    /// Answers are given only with a permit, where there is a gate.
    gate: Option<Semaphore>,
}

pub(super) struct Receiver {
    address: SocketAddr,
    inbox: Arc<Inbox>,
    received: mpsc::UnboundedReceiver<Received>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        Self::with_gate(None).await
    }

    /// One that lets everybody wait, until [`Self::open`].
    pub(super) async fn closed() -> Self {
        Self::with_gate(Some(Semaphore::new(0))).await
    }

    async fn with_gate(gate: Option<Semaphore>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = mpsc::unbounded_channel();
        let inbox = Arc::new(Inbox {
            received: sender,
            answers: Mutex::default(),
            gate,
        });
        let router = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&inbox));
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            address,
            inbox,
            received,
            task,
        }
    }

    pub(super) fn authority(&self) -> String {
        self.address.to_string()
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hooks?of=platen", self.address)
    }

    /// What to answer next; 204 when nothing was said.
    pub(super) fn answer(&self, status: u16, headers: &[(&str, &str)]) {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let response = response.body("x".repeat(100_000).into()).unwrap();
        self.inbox.answers.lock().unwrap().push_back(response);
    }

    pub(super) fn open(&self) {
        if let Some(gate) = &self.inbox.gate {
            gate.add_permits(Semaphore::MAX_PERMITS / 2);
        }
    }

    /// The next call, which has to come.
    pub(super) async fn next(&mut self) -> Received {
        tokio::time::timeout(PATIENCE, self.received.recv())
            .await
            .expect("nobody called")
            .unwrap()
    }

    /// Calls that have come in and were not looked at.
    pub(super) fn waiting(&self) -> usize {
        self.received.len()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> Response {
    let _ = inbox.received.send(Received { headers, body });
    if let Some(gate) = &inbox.gate {
        gate.acquire().await.unwrap().forget();
    }
    let answer = inbox.answers.lock().unwrap().pop_front();
    answer.unwrap_or_else(|| Response::builder().status(204).body("".into()).unwrap())
}
