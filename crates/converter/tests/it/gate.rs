//! Ports with a gate before and after every call: for faults, crashes and interleavings.

use std::{io, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};
use jiff::Timestamp;
use platen_api_types::{Stage, UserId};
use platen_converter::Ports;
use platen_pipeline::{
    ByteRange, ByteStream, Change, Claim, ConversionQueue, Delivery, FencingToken, FileIndex,
    FileKey, FileName, FileQuery, FileRecord, Finish, IndexError, Message, NewFile, Outcome, Page,
    PdfKey, PdfObject, PdfStore, Put, QueueError, Quota, Receipt, Revision, StoreError, Stored,
};

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Go,
    /// It fails and has no effect.
    FailBefore,
    /// It takes effect, and its answer is lost.
    FailAfter,
}

/// Stands at every call a converter makes. A crash is a gate that never opens, and a dropped job.
#[async_trait]
pub(crate) trait Gate: Send + Sync {
    async fn before(&self, call: &'static str) -> Verdict;
    /// Once it took effect.
    async fn after(&self, call: &'static str);
}

/// Lets everything through.
pub(crate) struct Open;

#[async_trait]
impl Gate for Open {
    async fn before(&self, _: &'static str) -> Verdict {
        Verdict::Go
    }

    async fn after(&self, _: &'static str) {}
}

/// The error of a port that cannot be reached.
pub(crate) trait Unavailable {
    fn unavailable() -> Self;
}

fn injected() -> Box<dyn std::error::Error + Send + Sync> {
    Box::new(io::Error::other("injected"))
}

impl Unavailable for IndexError {
    fn unavailable() -> Self {
        Self::Unavailable(injected())
    }
}

impl Unavailable for QueueError {
    fn unavailable() -> Self {
        Self::Unavailable(injected())
    }
}

impl Unavailable for StoreError {
    fn unavailable() -> Self {
        Self::Unavailable(injected())
    }
}

#[derive(Clone)]
struct Gated<P: ?Sized> {
    port: Arc<P>,
    gate: Arc<dyn Gate>,
}

pub(crate) fn gated(ports: &Ports, gate: &Arc<dyn Gate>) -> Ports {
    fn gated<P: ?Sized>(port: &Arc<P>, gate: &Arc<dyn Gate>) -> Arc<Gated<P>> {
        let (port, gate) = (port.clone(), gate.clone());
        Arc::new(Gated { port, gate })
    }
    Ports {
        index: gated(&ports.index, gate),
        queue: gated(&ports.queue, gate),
        store: gated(&ports.store, gate),
    }
}

impl<P: ?Sized> Gated<P> {
    async fn call<T, E: Unavailable>(
        &self,
        name: &'static str,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let verdict = self.gate.before(name).await;
        if verdict == Verdict::FailBefore {
            return Err(E::unavailable());
        }
        let answer = call.await;
        self.gate.after(name).await;
        if verdict == Verdict::FailAfter {
            return Err(E::unavailable());
        }
        answer
    }
}

#[async_trait]
impl FileIndex for Gated<dyn FileIndex> {
    async fn put_queued(&self, new: NewFile, quota: Quota) -> Result<Put, IndexError> {
        self.call("put_queued", self.port.put_queued(new, quota))
            .await
    }

    async fn claim(&self, key: FileKey, lease: Duration) -> Result<Claim, IndexError> {
        self.call("claim", self.port.claim(key, lease)).await
    }

    async fn renew(
        &self,
        key: FileKey,
        token: FencingToken,
        lease: Duration,
    ) -> Result<Finish, IndexError> {
        self.call("renew", self.port.renew(key, token, lease)).await
    }

    async fn advance(
        &self,
        key: FileKey,
        token: FencingToken,
        stage: Stage,
    ) -> Result<Finish, IndexError> {
        self.call("advance", self.port.advance(key, token, stage))
            .await
    }

    async fn release(&self, key: FileKey, token: FencingToken) -> Result<Finish, IndexError> {
        self.call("release", self.port.release(key, token)).await
    }

    async fn finish(
        &self,
        key: FileKey,
        token: FencingToken,
        outcome: Outcome,
    ) -> Result<Finish, IndexError> {
        self.call("finish", self.port.finish(key, token, outcome))
            .await
    }

    async fn requeue(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.call("requeue", self.port.requeue(key)).await
    }

    async fn mark_deleting(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.call("mark_deleting", self.port.mark_deleting(key))
            .await
    }

    async fn remove(&self, key: FileKey) -> Result<(), IndexError> {
        self.call("remove", self.port.remove(key)).await
    }

    async fn forget_user(&self, user: UserId) -> Result<bool, IndexError> {
        self.call("forget_user", self.port.forget_user(user)).await
    }

    async fn get(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError> {
        self.call("get", self.port.get(key)).await
    }

    async fn get_by_name(
        &self,
        user: UserId,
        name: &FileName,
    ) -> Result<Option<FileRecord>, IndexError> {
        self.call("get_by_name", self.port.get_by_name(user, name))
            .await
    }

    async fn page(&self, user: UserId, query: &FileQuery) -> Result<Page, IndexError> {
        self.call("page", self.port.page(user, query)).await
    }

    async fn count(&self, user: UserId) -> Result<u64, IndexError> {
        self.call("count", self.port.count(user)).await
    }

    async fn revision(&self, user: UserId) -> Result<Revision, IndexError> {
        self.call("revision", self.port.revision(user)).await
    }

    async fn take_stale(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<FileRecord>, IndexError> {
        self.call("take_stale", self.port.take_stale(before, limit))
            .await
    }

    fn changes(
        &self,
        user: UserId,
        after: Option<Revision>,
    ) -> BoxStream<'static, Result<Change, IndexError>> {
        self.port.changes(user, after)
    }

    async fn ping(&self) -> Result<(), IndexError> {
        self.port.ping().await
    }
}

#[async_trait]
impl ConversionQueue for Gated<dyn ConversionQueue> {
    async fn send(&self, message: &Message) -> Result<(), QueueError> {
        self.call("send", self.port.send(message)).await
    }

    async fn receive(
        &self,
        max: u16,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        self.call("receive", self.port.receive(max, wait, visibility))
            .await
    }

    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError> {
        self.call("extend", self.port.extend(receipt, visibility))
            .await
    }

    async fn ack(&self, receipt: &Receipt) -> Result<(), QueueError> {
        self.call("ack", self.port.ack(receipt)).await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.port.ping().await
    }
}

#[async_trait]
impl PdfStore for Gated<dyn PdfStore> {
    async fn put(&self, key: &PdfKey, body: ByteStream) -> Result<Stored, StoreError> {
        // One gate more in the middle of the bytes: an upload can be frozen there.
        let gate = self.gate.clone();
        let middle = stream::once(async move {
            match gate.before("put: middle").await {
                Verdict::Go => Ok(bytes::Bytes::new()),
                Verdict::FailBefore | Verdict::FailAfter => Err(io::Error::other("injected")),
            }
        });
        let body = middle.chain(body).boxed();
        let put = async {
            match self.port.put(key, body).await {
                // Not from the renderer: the connection to the store broke.
                Err(StoreError::Source(error)) if error.to_string() == "injected" => {
                    Err(StoreError::unavailable())
                }
                other => other,
            }
        };
        self.call("put", put).await
    }

    async fn get(
        &self,
        key: &PdfKey,
        range: Option<ByteRange>,
    ) -> Result<Option<PdfObject>, StoreError> {
        self.call("store: get", self.port.get(key, range)).await
    }

    async fn delete(&self, key: &PdfKey) -> Result<(), StoreError> {
        self.call("store: delete", self.port.delete(key)).await
    }

    async fn keys(&self, after: Option<PdfKey>, limit: u16) -> Result<Vec<PdfKey>, StoreError> {
        self.call("keys", self.port.keys(after, limit)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.port.ping().await
    }
}
