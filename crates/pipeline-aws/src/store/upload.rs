//! One multipart upload. Nothing is to be seen of it before it is complete.

use aws_sdk_s3::{
    Client,
    primitives::ByteStream as Body,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use platen_pipeline::{PdfKey, StoreError};
use platen_telemetry::Chain;

use super::{
    S3Store,
    put::{CHECKSUM, CONTENT_TYPE},
};
use crate::error::FromSdk;

/// S3 answered a start without the id to go on with.
#[derive(Debug, thiserror::Error)]
#[error("the upload has no id")]
struct NoId;

pub(super) struct Upload {
    place: Place,
    parts: Vec<CompletedPart>,
    /// Complete or given up: nothing is left to clear away.
    over: bool,
}

#[derive(Clone)]
struct Place {
    client: Client,
    bucket: String,
    key: String,
    id: String,
}

impl Upload {
    pub(super) async fn start(store: &S3Store, key: &PdfKey) -> Result<Self, StoreError> {
        let key = key.to_string();
        let started = store
            .client
            .create_multipart_upload()
            .bucket(&*store.bucket)
            .key(&key)
            .content_type(CONTENT_TYPE)
            .checksum_algorithm(CHECKSUM)
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        let id = started
            .upload_id
            .ok_or_else(|| StoreError::Failed(NoId.into()))?;
        Ok(Self {
            place: Place {
                client: store.client.clone(),
                bucket: store.bucket.to_string(),
                key,
                id,
            },
            parts: Vec::new(),
            over: false,
        })
    }

    /// Sends the next part.
    pub(super) async fn send(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let Place {
            client,
            bucket,
            key,
            id,
        } = &self.place;
        let sent = client
            .upload_part()
            .bucket(bucket)
            .key(key)
            .upload_id(id)
            .part_number(number)
            .checksum_algorithm(CHECKSUM)
            .body(Body::from(bytes))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        self.parts.push(
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(sent.e_tag)
                .set_checksum_crc32(sent.checksum_crc32)
                .build(),
        );
        Ok(())
    }

    /// Makes the object of the parts.
    pub(super) async fn complete(mut self) -> Result<(), StoreError> {
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(std::mem::take(&mut self.parts)))
            .build();
        let Place {
            client,
            bucket,
            key,
            id,
        } = &self.place;
        let completed = client
            .complete_multipart_upload()
            .bucket(bucket)
            .key(key)
            .upload_id(id)
            .multipart_upload(parts)
            .send()
            .await;
        match completed {
            Ok(_) => {
                self.over = true;
                Ok(())
            }
            // The upload is gone: most likely an earlier try completed it and its answer was lost.
            // Nobody can tell, so the caller shall try again with a new one.
            Err(e)
                if e.as_service_error()
                    .is_some_and(|e| e.meta().code() == Some("NoSuchUpload")) =>
            {
                self.over = true;
                Err(StoreError::Unavailable(e.into()))
            }
            Err(e) => {
                let error = StoreError::from_sdk(e);
                self.abort().await;
                Err(error)
            }
        }
    }

    /// Gives the parts up. Should that fail, the bucket's life-cycle rule does it.
    pub(super) async fn abort(mut self) {
        self.over = true;
        self.place.clear().await;
    }
}

/// A caller that stops waiting half-way, at a deadline say, leaves no parts behind.
impl Drop for Upload {
    fn drop(&mut self) {
        if !self.over
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let place = self.place.clone();
            runtime.spawn(async move { place.clear().await });
        }
    }
}

impl Place {
    async fn clear(&self) {
        let aborted = self
            .client
            .abort_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .upload_id(&self.id)
            .send()
            .await;
        if let Err(error) = aborted {
            tracing::warn!(
                key = self.key,
                error = %Chain(&error),
                "parts of an upload are left behind"
            );
        }
    }
}
