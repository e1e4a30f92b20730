//! A job under test, an origin with a script, and a browser that writes raw bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::testing::{Scripted, soon};
use crate::{Budget, Destination, Egress, JobProxy, Verdict};

pub(super) struct Rig {
    pub(super) resolver: Arc<Scripted>,
    pub(super) job: JobProxy,
}

/// A job that may reach what `allow` lists, and nothing else on this machine.
pub(super) async fn rig(allow: &str, script: &[(&str, &[&[&str]])], budget: Budget) -> Rig {
    let resolver = Arc::new(Scripted::new(script));
    let egress = Egress::new(allow.parse().unwrap(), resolver.clone());
    Rig {
        resolver,
        job: egress.open_job(budget).await.unwrap(),
    }
}

/// A job that may reach one origin by its address.
pub(super) async fn rig_for(origin: &Origin) -> Rig {
    rig(&origin.addr.to_string(), &[], Budget::default()).await
}

impl Rig {
    pub(super) async fn browser(&self) -> Browser {
        Browser(TcpStream::connect(self.job.addr()).await.unwrap())
    }

    /// One request on a connection of its own; all that comes back.
    pub(super) async fn ask(&self, request: &str) -> Answer {
        self.browser().await.ask_all(request).await
    }

    pub(super) fn verdict(&self, host: &str, port: u16) -> Option<Verdict> {
        self.job
            .verdict_for(&Destination::parse(host, port).unwrap())
    }
}

/// A server that answers the nth request on any connection with the nth part of its script, raw,
/// and hands on what it was sent.
pub(super) struct Origin {
    pub(super) addr: SocketAddr,
    pub(super) requests: mpsc::UnboundedReceiver<String>,
    connections: Arc<AtomicUsize>,
}

/// What an origin does once a request's head has come in.
#[derive(Clone, Copy)]
pub(super) enum Act {
    /// Sends this and waits for the next request.
    Say(&'static str),
    /// Sends this and closes.
    Close(&'static str),
    /// Sends nothing and waits for the other side to close.
    Hang,
}

impl Origin {
    pub(super) async fn new(script: &'static [Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let served = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(converse(stream, script, served.clone(), sender.clone()));
            }
        });
        Self {
            addr,
            requests,
            connections,
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.addr.port()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) async fn request(&mut self) -> String {
        soon(self.requests.recv()).await.unwrap()
    }

    /// `GET` for a path of this origin.
    pub(super) fn get(&self, path: &str) -> String {
        format!(
            "GET http://{0}{path} HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\n\r\n",
            self.addr
        )
    }
}

async fn converse(
    mut stream: TcpStream,
    script: &'static [Act],
    served: Arc<AtomicUsize>,
    sender: mpsc::UnboundedSender<String>,
) {
    let mut rest = Vec::new();
    while let Some(request) = read_message(&mut stream, &mut rest).await {
        let _ = sender.send(request);
        let turn = served.fetch_add(1, Ordering::SeqCst).min(script.len() - 1);
        match script[turn] {
            Act::Say(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            Act::Close(answer) => {
                stream.write_all(answer.as_bytes()).await.unwrap();
                return;
            }
            Act::Hang => {}
        }
    }
    let _ = sender.send("closed".to_owned());
}

/// A head and the body that its `Content-Length` announces; `None` at the end of the stream.
async fn read_message(stream: &mut TcpStream, rest: &mut Vec<u8>) -> Option<String> {
    loop {
        let text = String::from_utf8_lossy(rest).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                let end = head.len() + 4 + length;
                rest.drain(..end);
                return Some(text[..end].to_owned());
            }
        }
        match stream.read_buf(rest).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(wanted).then_some(value.trim())
    })
}

pub(super) struct Browser(pub(super) TcpStream);

impl Browser {
    pub(super) async fn send(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// One answer, leaving the connection open.
    pub(super) async fn ask(&mut self, request: &str) -> Answer {
        self.send(request).await;
        let answer = soon(read_message(&mut self.0, &mut Vec::new())).await;
        Answer(answer.expect("the connection was closed"))
    }

    /// Everything until the proxy closes.
    pub(super) async fn ask_all(&mut self, request: &str) -> Answer {
        self.send(request).await;
        Answer(self.rest().await)
    }

    /// What still comes until the connection ends, cleanly or not.
    pub(super) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = soon(self.0.read_to_end(&mut bytes)).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(super) async fn connect(&mut self, destination: impl std::fmt::Display) -> Answer {
        self.ask(&format!(
            "CONNECT {destination} HTTP/1.1\r\nHost: {destination}\r\n\r\n"
        ))
        .await
    }
}

#[derive(Debug)]
pub(super) struct Answer(pub(super) String);

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.0
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header(self.0.split("\r\n\r\n").next().unwrap(), name)
    }

    pub(super) fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    #[track_caller]
    pub(super) fn assert_refused(&self, verdict: Verdict) {
        assert_eq!(
            self.header(crate::VERDICT_HEADER),
            Some(verdict.as_str()),
            "{self:?}"
        );
        assert_eq!(self.status(), verdict.status().as_u16(), "{self:?}");
        assert_eq!(self.body(), "");
    }
}
