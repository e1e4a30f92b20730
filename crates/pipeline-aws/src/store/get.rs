//! Reading a PDF or a part of it.

use std::io;

use aws_sdk_s3::{
    error::SdkError,
    operation::{
        get_object::{GetObjectError, GetObjectOutput},
        head_object::HeadObjectError,
    },
    primitives::ByteStream as Body,
};
use futures::{StreamExt, stream};
use platen_pipeline::{ByteRange, ByteStream, PdfKey, PdfObject, StoreError};

use super::S3Store;
use crate::error::FromSdk;

/// S3 did not say how long the object is.
#[derive(Debug, thiserror::Error)]
#[error("the object has no length")]
struct NoLength;

impl S3Store {
    pub(super) async fn read(
        &self,
        key: &PdfKey,
        range: Option<ByteRange>,
    ) -> Result<Option<PdfObject>, StoreError> {
        // S3 ignores a range that ends before it begins, and answers with everything.
        if range.is_some_and(|range| range.first > range.last) {
            return self.outside(key).await;
        }
        let result = self
            .client
            .get_object()
            .bucket(&*self.bucket)
            .key(key.to_string())
            .set_range(range.map(header))
            .send()
            .await;
        match result {
            Ok(output) => {
                let size = size(&output).ok_or_else(|| StoreError::Failed(NoLength.into()))?;
                Ok(Some(PdfObject {
                    size,
                    body: stream_of(output.body),
                }))
            }
            Err(e) if is_outside(&e) => self.outside(key).await,
            Err(e)
                if e.as_service_error()
                    .is_some_and(GetObjectError::is_no_such_key) =>
            {
                Ok(None)
            }
            Err(e) => Err(StoreError::from_sdk(e)),
        }
    }

    /// The answer to a range that the object does not have: it tells how long the object is.
    async fn outside(&self, key: &PdfKey) -> Result<Option<PdfObject>, StoreError> {
        let result = self
            .client
            .head_object()
            .bucket(&*self.bucket)
            .key(key.to_string())
            .send()
            .await;
        match result {
            Ok(output) => {
                let size = output.content_length.and_then(|size| size.try_into().ok());
                let size = size.ok_or_else(|| StoreError::Failed(NoLength.into()))?;
                Err(StoreError::Range { size })
            }
            Err(e)
                if e.as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                Ok(None)
            }
            Err(e) => Err(StoreError::from_sdk(e)),
        }
    }
}

/// Positions are signed 64-bit numbers to many servers.
fn header(ByteRange { first, last }: ByteRange) -> String {
    format!("bytes={first}-{}", last.min(i64::MAX.unsigned_abs()))
}

/// Of the whole object: of a part, `Content-Range: bytes 0-9/100` tells it.
fn size(output: &GetObjectOutput) -> Option<u64> {
    match output.content_range() {
        Some(range) => range.rsplit_once('/')?.1.parse().ok(),
        None => output.content_length?.try_into().ok(),
    }
}

fn is_outside(error: &SdkError<GetObjectError>) -> bool {
    error
        .raw_response()
        .is_some_and(|response| response.status().as_u16() == 416)
}

fn stream_of(body: Body) -> ByteStream {
    stream::unfold(Some(body), |body| async {
        let mut body = body?;
        match body.next().await? {
            Ok(bytes) => Some((Ok(bytes), Some(body))),
            Err(error) => Some((Err(io::Error::other(error)), None)),
        }
    })
    .boxed()
}
