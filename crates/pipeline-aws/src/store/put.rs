//! Storing a stream of unknown length.

use aws_sdk_s3::{primitives::ByteStream as Body, types::ChecksumAlgorithm};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, future::try_join};
use platen_pipeline::{ByteStream, PdfKey, StoreError, Stored};

use super::{S3Store, upload::Upload};
use crate::error::FromSdk;

/// Bytes sent at once. What fits into one part is one request; S3 wants 5 MiB at least of all
/// parts but the last.
pub(super) const PART: usize = 8 * 1024 * 1024;

/// S3 compares it with what arrived, and keeps it to compare with what leaves.
pub(super) const CHECKSUM: ChecksumAlgorithm = ChecksumAlgorithm::Crc32;

pub(super) const CONTENT_TYPE: &str = "application/pdf";

impl S3Store {
    pub(super) async fn write(&self, key: &PdfKey, body: ByteStream) -> Result<Stored, StoreError> {
        let mut parts = Parts::new(body);
        let first = parts.next().await?.unwrap_or_default();
        let size = match parts.next().await? {
            None => self.write_whole(key, first).await?,
            Some(second) => self.write_parts(key, first, second, parts).await?,
        };
        Ok(Stored { size })
    }

    async fn write_whole(&self, key: &PdfKey, bytes: Bytes) -> Result<u64, StoreError> {
        let size = bytes.len() as u64;
        self.client
            .put_object()
            .bucket(&*self.bucket)
            .key(key.to_string())
            .content_type(CONTENT_TYPE)
            .checksum_algorithm(CHECKSUM)
            .body(Body::from(bytes))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(size)
    }

    async fn write_parts(
        &self,
        key: &PdfKey,
        first: Bytes,
        second: Bytes,
        mut parts: Parts,
    ) -> Result<u64, StoreError> {
        let mut upload = Upload::start(self, key).await?;
        let sent: Result<u64, StoreError> = async {
            let mut size = (first.len() + second.len()) as u64;
            upload.send(first).await?;
            let mut part = Some(second);
            while let Some(bytes) = part {
                // The next part is read while this one is on its way.
                let ((), next) = try_join(upload.send(bytes), parts.next()).await?;
                size += next.as_ref().map_or(0, Bytes::len) as u64;
                part = next;
            }
            Ok(size)
        }
        .await;
        match sent {
            Ok(size) => upload.complete().await.map(|()| size),
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        }
    }
}

/// Cuts a stream into parts of one length, the last as short as it is. Nothing is sent of a
/// stream that ends in an error within its first two parts.
struct Parts {
    body: ByteStream,
    rest: BytesMut,
}

impl Parts {
    fn new(body: ByteStream) -> Self {
        Self {
            body,
            rest: BytesMut::new(),
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        while self.rest.len() < PART {
            let Some(chunk) = self.body.next().await else {
                return Ok((!self.rest.is_empty()).then(|| self.rest.split().freeze()));
            };
            self.rest
                .extend_from_slice(&chunk.map_err(StoreError::Source)?);
        }
        Ok(Some(self.rest.split_to(PART).freeze()))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures::stream;

    use super::*;

    fn parts(chunks: impl IntoIterator<Item = io::Result<usize>>) -> Parts {
        let chunks: Vec<_> = chunks
            .into_iter()
            .map(|chunk| chunk.map(|length| Bytes::from(vec![b'x'; length])))
            .collect();
        Parts::new(stream::iter(chunks).boxed())
    }

    #[tokio::test]
    async fn cuts_at_the_part_length() {
        for (chunks, lengths) in [
            (vec![], vec![]),
            (vec![1, 2], vec![3]),
            (vec![PART], vec![PART]),
            (vec![PART - 1, 2], vec![PART, 1]),
            (vec![2 * PART + 5, 1], vec![PART, PART, 6]),
        ] {
            let mut parts = parts(chunks.into_iter().map(Ok));
            let mut cut = Vec::new();
            while let Some(part) = parts.next().await.unwrap() {
                cut.push(part.len());
            }
            assert_eq!(cut, lengths);
        }
    }

    #[tokio::test]
    async fn an_error_is_no_end() {
        let mut parts = parts([Ok(3), Err(io::Error::other("cut"))]);
        assert!(matches!(parts.next().await, Err(StoreError::Source(_))));
    }
}
