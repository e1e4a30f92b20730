use std::{borrow::Borrow, marker::PhantomData, sync::Arc, time::Duration};

use bytes::Bytes;
use headless_chrome::protocol::cdp::types::Method;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{CallError, Connection};

/// How long a command may take unless said otherwise. Most take below a millisecond.
const USUAL_PATIENCE: Duration = Duration::from_secs(10);

/// Id of a session, as the browser names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SessionId(Arc<str>);

impl SessionId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SessionId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl Borrow<str> for SessionId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Where commands are sent: the browser itself, or one target that was attached to.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    connection: Connection,
    id: Option<SessionId>,
}

impl Session {
    pub(super) fn root(connection: Connection) -> Self {
        Self {
            connection,
            id: None,
        }
    }

    pub(super) fn attached(connection: Connection, id: SessionId) -> Self {
        Self {
            connection,
            id: Some(id),
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Sends a command now; its answer is awaited when the caller likes. Commands are carried out
    /// in the order they were sent, so a batch costs one round trip.
    pub(crate) fn send<M: Method + Serialize>(&self, method: &M) -> Reply<M> {
        let (id, answer) = self.connection.send(M::NAME, self.id.as_ref(), method);
        Reply {
            answer,
            patience: USUAL_PATIENCE,
            _forget: Forget {
                connection: self.connection.clone(),
                id,
            },
            method: PhantomData,
        }
    }

    /// Sends a command and waits for its result.
    pub(crate) async fn call<M: Method + Serialize>(
        &self,
        method: M,
    ) -> Result<M::ReturnObject, CallError> {
        self.send(&method).result().await
    }

    /// As [`Self::call`], with a time-out of its own.
    pub(crate) async fn call_within<M: Method + Serialize>(
        &self,
        patience: Duration,
        method: M,
    ) -> Result<M::ReturnObject, CallError> {
        self.send(&method).within(patience).result().await
    }
}

/// The answer to a command that has been sent. Dropping it forgets the answer, not the command.
#[derive(Debug)]
#[must_use = "a command can be refused"]
pub(crate) struct Reply<M> {
    answer: oneshot::Receiver<Result<Bytes, CallError>>,
    patience: Duration,
    _forget: Forget,
    method: PhantomData<fn() -> M>,
}

#[derive(Debug)]
struct Forget {
    connection: Connection,
    id: u32,
}

impl Drop for Forget {
    fn drop(&mut self) {
        self.connection.forget(self.id);
    }
}

impl<M: Method> Reply<M> {
    pub(crate) fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The result as JSON text.
    pub(crate) async fn raw(self) -> Result<Bytes, CallError> {
        let method = M::NAME;
        match tokio::time::timeout(self.patience, self.answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(CallError::ConnectionClosed { method }),
            Err(_) => Err(CallError::TimedOut {
                method,
                after: self.patience,
            }),
        }
    }

    pub(crate) async fn result(self) -> Result<M::ReturnObject, CallError> {
        read(M::NAME, &self.raw().await?)
    }
}

/// Reads a result, borrowing from it where `T` can.
pub(crate) fn read<'a, T: Deserialize<'a>>(
    method: &'static str,
    result: &'a [u8],
) -> Result<T, CallError> {
    serde_json::from_slice(result).map_err(|source| CallError::Decode { method, source })
}
