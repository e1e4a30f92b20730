//! What the tests of this crate share: a resolver with a script, canaries, and time limits.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Mutex;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::net::TcpSocket;

use crate::resolve::{Resolve, ResolveError};

/// Answers by script. The last answer to a name is repeated; unknown names do not exist.
#[derive(Default)]
pub(crate) struct Scripted {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Scripted {
    pub(crate) fn new(script: &[(&str, &[&[&str]])]) -> Self {
        let answers = script.iter().map(|(name, answers)| {
            let parse = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
            ((*name).to_owned(), answers.iter().map(parse).collect())
        });
        Self {
            answers: Mutex::new(answers.collect()),
            asked: Mutex::default(),
        }
    }

    /// Every name that was looked up, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolve for Scripted {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        self.asked.lock().unwrap().push(name.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let answer = answers.get_mut(name).map(|script| {
            if script.len() > 1 {
                script.pop_front().unwrap()
            } else {
                script[0].clone()
            }
        });
        Box::pin(async { answer.ok_or(ResolveError::NoAddress) })
    }
}

/// A listener that nothing may ever connect to.
pub(crate) struct Canary(TcpListener);

impl Canary {
    pub(crate) fn new() -> Self {
        Self::at((Ipv4Addr::LOCALHOST, 0).into())
    }

    pub(crate) fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.addr().port()
    }

    /// A connection on loopback waits in the listener's queue as soon as `connect` returns, so
    /// nothing can be on its way once the proxy has answered.
    #[track_caller]
    pub(crate) fn assert_untouched(&self) {
        match self.0.accept() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            other => panic!("the canary at {} was touched: {other:?}", self.addr()),
        }
    }
}

/// A port of loopback on which nothing listens, nor can while this is held: it is bound.
pub(crate) struct ClosedPort(TcpSocket);

impl ClosedPort {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self(socket)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    pub(crate) fn listen(self) -> tokio::net::TcpListener {
        self.0.listen(1).unwrap()
    }
}

/// Fails a test that waits for something that will not happen.
pub(crate) async fn soon<F: Future>(event: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(10), event)
        .await
        .expect("nothing happened in time")
}
