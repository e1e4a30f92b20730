//! [`PdfStore`] on S3.

mod get;
mod list;
mod provision;
mod put;
mod upload;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use platen_pipeline::{ByteRange, ByteStream, PdfKey, PdfObject, PdfStore, StoreError, Stored};

pub use self::provision::create_bucket;
use crate::error::FromSdk;

/// The PDFs in one bucket. Clones share it.
///
/// Objects take the bucket's own encryption and ownership; nothing is made public. The bucket
/// should abort incomplete multipart uploads after a day: a process that dies leaves one behind.
#[derive(Clone)]
pub struct S3Store {
    client: Client,
    bucket: Arc<str>,
}

impl S3Store {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        Self {
            client,
            bucket: bucket.into(),
        }
    }
}

impl fmt::Debug for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Store")
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl PdfStore for S3Store {
    /// Holds at most two parts of 8 MiB in memory.
    async fn put(&self, key: &PdfKey, body: ByteStream) -> Result<Stored, StoreError> {
        self.write(key, body).await
    }

    async fn get(
        &self,
        key: &PdfKey,
        range: Option<ByteRange>,
    ) -> Result<Option<PdfObject>, StoreError> {
        self.read(key, range).await
    }

    async fn delete(&self, key: &PdfKey) -> Result<(), StoreError> {
        self.client
            .delete_object()
            .bucket(&*self.bucket)
            .key(key.to_string())
            .send()
            .await
            .map(drop)
            .map_err(StoreError::from_sdk)
    }

    async fn keys(&self, after: Option<PdfKey>, limit: u16) -> Result<Vec<PdfKey>, StoreError> {
        self.list(after, limit).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.client
            .head_bucket()
            .bucket(&*self.bucket)
            .send()
            .await
            .map(drop)
            .map_err(StoreError::from_sdk)
    }
}
