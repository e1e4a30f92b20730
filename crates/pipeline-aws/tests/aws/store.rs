//! The store on every S3 there is.

use std::sync::Arc;

use async_trait::async_trait;
use platen_peers::Kind;
use platen_pipeline::{
    ByteRange, ByteStream, PdfKey, PdfObject, PdfStore, StoreError, Stored, contract::StoreHarness,
};
use platen_pipeline_aws::{S3Store, create_bucket};
use tokio::sync::Mutex;

use crate::support::{aws, name};

async fn bucket(kind: Kind) -> S3Store {
    let aws = aws(kind).await;
    let bucket = name();
    create_bucket(aws.s3_client(), &bucket).await.unwrap();
    aws.store(bucket)
}

mod s3s_fs {
    use super::{Arc, Kind, OnePut, StoreHarness};

    async fn store() -> StoreHarness {
        StoreHarness {
            store: Arc::new(OnePut::new(super::bucket(Kind::S3sFs).await)),
            keep: Box::new(()),
        }
    }

    platen_pipeline::pdf_store_contract!(store);
}

mod moto {
    use super::{Arc, Kind, StoreHarness};

    async fn store() -> StoreHarness {
        StoreHarness {
            store: Arc::new(super::bucket(Kind::Moto).await),
            keep: Box::new(()),
        }
    }

    platen_pipeline::pdf_store_contract!(store);
}

/// Puts one after the other. s3s-fs keeps an object's checksum in a file beside it and writes the
/// two without a lock, so of two puts at once it may keep the bytes of one and the checksum of the
/// other. That puts at once are whole is shown on moto.
struct OnePut {
    store: S3Store,
    putting: Mutex<()>,
}

impl OnePut {
    fn new(store: S3Store) -> Self {
        let putting = Mutex::new(());
        Self { store, putting }
    }
}

#[async_trait]
impl PdfStore for OnePut {
    async fn put(&self, key: &PdfKey, body: ByteStream) -> Result<Stored, StoreError> {
        let _putting = self.putting.lock().await;
        self.store.put(key, body).await
    }

    async fn get(
        &self,
        key: &PdfKey,
        range: Option<ByteRange>,
    ) -> Result<Option<PdfObject>, StoreError> {
        self.store.get(key, range).await
    }

    async fn delete(&self, key: &PdfKey) -> Result<(), StoreError> {
        self.store.delete(key).await
    }

    async fn keys(&self, after: Option<PdfKey>, limit: u16) -> Result<Vec<PdfKey>, StoreError> {
        self.store.keys(after, limit).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}
