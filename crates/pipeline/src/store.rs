//! Port: where PDFs lie.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use crate::PdfKey;

/// Bytes as they come. An error ends the stream.
pub type ByteStream = BoxStream<'static, std::io::Result<Bytes>>;

/// Part of a PDF: from `first` to `last`, both included, as in RFC 9110, section 14.1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    pub first: u64,
    pub last: u64,
}

/// A PDF, or the part asked for.
pub struct PdfObject {
    /// Bytes of the whole PDF, also when only a part is streamed.
    pub size: u64,
    pub body: ByteStream,
}

/// What was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Bytes.
    pub size: u64,
}

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The bytes to store ended in an error; nothing was stored.
    #[error("the pdf could not be read to its end")]
    Source(#[source] std::io::Error),
    /// May work when tried again: throttled, busy, unreachable, disk full.
    #[error("pdf store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Will not work when tried again: denied, missing bucket.
    #[error("pdf store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The range lies outside the object.
    #[error("the range lies outside the pdf of {size} bytes")]
    Range { size: u64 },
}

/// The PDFs. A key either holds a whole PDF or nothing, at every moment.
#[async_trait]
pub trait PdfStore: Send + Sync {
    /// Stores what streams in, replacing what the key held. When the stream ends in an error,
    /// the key holds what it held before.
    async fn put(&self, key: &PdfKey, body: ByteStream) -> Result<Stored, StoreError>;

    /// `None`: the key holds nothing. `range` must lie within the object, but `last` may lie beyond
    /// its end.
    async fn get(
        &self,
        key: &PdfKey,
        range: Option<ByteRange>,
    ) -> Result<Option<PdfObject>, StoreError>;

    /// Removing what is not there is no error.
    async fn delete(&self, key: &PdfKey) -> Result<(), StoreError>;

    /// Keys in ascending order of their text, those after `after`, at most `limit`.
    async fn keys(&self, after: Option<PdfKey>, limit: u16) -> Result<Vec<PdfKey>, StoreError>;

    /// Whether the store answers, for readiness.
    async fn ping(&self) -> Result<(), StoreError>;
}
