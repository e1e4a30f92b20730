//! That PDFs are streamed, seen from outside: however large they are, the process stays small.
//!
//! Alone in its process, so that no other test's memory is counted.

#![expect(
    clippy::unwrap_used,
    reason = "what does not work fails its test by panicking"
)]

use std::{fs, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use platen_api_types::limits;
use platen_peers::{ACCESS_KEY, Kind, Peer, REGION, SECRET_KEY};
use platen_pipeline::{FencingToken, PdfKey, PdfStore, contract::ids};
use platen_pipeline_aws::{Aws, Overrides, StaticCredentials, create_bucket};

const MIB: u64 = 1024 * 1024;
/// As large as one may be.
const PDF: u64 = limits::PDF_BYTES;
/// Two parts of 8 MiB and what else an upload needs; about 19 MiB were measured.
const BOUND: u64 = 32 * MIB;

/// The most memory this process has ever had, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_large_pdf_takes_little_memory() {
    let peer = Peer::start(Kind::S3sFs)
        .await
        .unwrap_or_else(|e| panic!("{e}"));
    let aws = Aws::load(Overrides {
        region: Some(REGION.to_owned()),
        credentials: Some(StaticCredentials {
            access_key_id: ACCESS_KEY.to_owned(),
            secret_access_key: SECRET_KEY.to_owned(),
        }),
        s3: Some(peer.url()),
        ..Overrides::default()
    })
    .await
    .unwrap();
    create_bucket(aws.s3_client(), "pdfs").await.unwrap();
    let store: Arc<dyn PdfStore> = Arc::new(aws.store("pdfs"));
    let (user, file) = ids();
    let [little, large] = [1, 2].map(|token| PdfKey {
        user,
        file,
        token: FencingToken(token),
    });
    // A little one first: connections and buffers are made once.
    let once = stream::iter([Ok(Bytes::from_static(b"%PDF-"))]).boxed();
    store.put(&little, once).await.unwrap();
    let before = peak();

    let body = stream::iter((0..PDF / MIB).map(|_| Ok(Bytes::from(vec![b'x'; 1024 * 1024]))));
    let stored = store.put(&large, body.boxed()).await.unwrap();
    assert_eq!(stored.size, PDF);
    let object = store.get(&large, None).await.unwrap().unwrap();
    let read = object.body.try_fold(
        0,
        |read, piece| async move { Ok(read + piece.len() as u64) },
    );
    assert_eq!(read.await.unwrap(), PDF);

    let grown = peak() - before;
    assert!(
        grown < BOUND,
        "{} MiB for a PDF of {}",
        grown / MIB,
        PDF / MIB
    );
}
