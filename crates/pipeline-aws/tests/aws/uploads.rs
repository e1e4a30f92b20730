//! PDFs too large for one request.

use std::io;

use aws_sdk_s3::types::MultipartUpload;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use platen_peers::Kind;
use platen_pipeline::{
    ByteRange, PdfStore, StoreError,
    contract::{content, eventually},
};
use platen_pipeline_aws::{Aws, S3Store, create_bucket};

use crate::support::{aws, key, name};

const MIB: usize = 1024 * 1024;

async fn bucket(kind: Kind) -> (Aws, String, S3Store) {
    let aws = aws(kind).await;
    let bucket = name();
    create_bucket(aws.s3_client(), &bucket).await.unwrap();
    let store = aws.store(bucket.clone());
    (aws, bucket, store)
}

async fn unfinished(aws: &Aws, bucket: &str) -> Vec<MultipartUpload> {
    let listed = aws
        .s3_client()
        .list_multipart_uploads()
        .bucket(bucket)
        .send();
    listed.await.unwrap().uploads.unwrap_or_default()
}

#[tokio::test]
async fn a_large_pdf_comes_back_whole_and_in_parts() {
    for kind in [Kind::S3sFs, Kind::Moto] {
        let (_, _, store) = bucket(kind).await;
        // One request, two parts of which the last is a byte, and three.
        for size in [8 * MIB, 8 * MIB + 1, 20 * MIB] {
            let key = key();
            let (bytes, body) = content(3, size);
            let stored = store.put(&key, body).await.unwrap();
            assert_eq!(stored.size, size as u64);
            let object = store.get(&key, None).await.unwrap().unwrap();
            assert_eq!(object.size, size as u64);
            let read: Vec<Bytes> = object.body.try_collect().await.unwrap();
            assert!(read.concat() == bytes, "{size} bytes from {kind:?} differ");
            let range = ByteRange {
                first: size as u64 - 20,
                last: size as u64 - 11,
            };
            let object = store.get(&key, Some(range)).await.unwrap().unwrap();
            assert_eq!(object.size, size as u64);
            let read: Vec<Bytes> = object.body.try_collect().await.unwrap();
            assert!(read.concat() == bytes[size - 20..size - 10]);
        }
    }
}

#[tokio::test]
async fn a_large_pdf_that_breaks_off_leaves_no_parts() {
    let (aws, bucket, store) = bucket(Kind::Moto).await;
    let key = key();
    let (_, body) = content(1, 20 * MIB);
    let broken = body.chain(stream::iter([Err(io::Error::other("broken"))]));
    let put = store.put(&key, broken.boxed()).await;
    assert!(matches!(put, Err(StoreError::Source(_))), "{put:?}");
    assert!(unfinished(&aws, &bucket).await.is_empty());
    assert!(store.get(&key, None).await.unwrap().is_none());
}

#[tokio::test]
async fn a_large_pdf_that_is_given_up_leaves_no_parts() {
    let (aws, bucket, store) = bucket(Kind::Moto).await;
    let key = key();
    let (_, body) = content(1, 20 * MIB);
    let endless = body.chain(stream::pending());
    {
        let put = store.put(&key, endless.boxed());
        let begun = eventually("an upload", || async {
            (!unfinished(&aws, &bucket).await.is_empty()).then_some(())
        });
        tokio::select! {
            put = put => panic!("{put:?}"),
            () = begun => {}
        }
    }
    eventually("no upload", || async {
        unfinished(&aws, &bucket).await.is_empty().then_some(())
    })
    .await;
    assert!(store.get(&key, None).await.unwrap().is_none());
}
