//! Holding a request on its way, so that something else can happen at that very moment.

use std::{convert::Infallible, io, time::Duration};

use anyhow::{Context as _, Result};
use tokio::sync::oneshot;

use super::proxy::Recorded;
use crate::within;

/// Longest that a request may take to come on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where on its way a request is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The service does not know of it.
    Before,
    /// The service has done what it asks for, and nobody was told.
    After,
}

/// What a proxy holds: the first request for an operation that has a word in its body.
#[derive(Debug)]
pub(super) struct Trap {
    pub operation: &'static str,
    pub word: &'static str,
    pub moment: Moment,
    caught: oneshot::Sender<()>,
    released: oneshot::Receiver<Infallible>,
}

/// A request that is waited for, or held. When this is dropped, the connection that the request
/// came on ends without an answer.
#[derive(Debug)]
pub struct Held {
    caught: oneshot::Receiver<()>,
    _holds: oneshot::Sender<Infallible>,
}

impl Trap {
    pub(super) fn set(operation: &'static str, word: &'static str, moment: Moment) -> (Self, Held) {
        let (caught, arrival) = oneshot::channel();
        let (holds, released) = oneshot::channel();
        let trap = Self {
            operation,
            word,
            moment,
            caught,
            released,
        };
        let held = Held {
            caught: arrival,
            _holds: holds,
        };
        (trap, held)
    }

    pub(super) fn catches(&self, request: &Recorded) -> bool {
        let word = self.word.as_bytes();
        request.operation() == Some(self.operation)
            && (word.is_empty() || request.body.windows(word.len()).any(|part| part == word))
    }

    /// Holds what was caught for as long as its [`Held`] lives; the error is that it is lost then.
    pub(super) async fn hold(self) -> io::Error {
        // Nobody may be waiting for it any more, and then it is not held either.
        let _ = self.caught.send(());
        let _ = self.released.await;
        io::Error::other("was held")
    }
}

impl Held {
    /// Returns once the request is there and held.
    pub async fn arrived(&mut self) -> Result<()> {
        let caught = async { (&mut self.caught).await.context("the proxy has ended") };
        within("the request that is to be held", PATIENCE, caught).await
    }
}
