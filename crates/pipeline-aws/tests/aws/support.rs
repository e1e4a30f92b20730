//! Peers that all tests share, and what each test has of its own.

use platen_peers::{ACCESS_KEY, Kind, Peer, REGION, SECRET_KEY};
use platen_pipeline::{FencingToken, PdfKey, contract::ids};
use platen_pipeline_aws::{Aws, Overrides, StaticCredentials};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The URL of a peer, which is started by the first to ask and ends with this process.
pub(crate) async fn url(kind: Kind) -> String {
    static PEERS: [OnceCell<Peer>; 4] = [const { OnceCell::const_new() }; 4];
    let start = || async { Peer::start(kind).await.unwrap_or_else(|e| panic!("{e}")) };
    PEERS[kind as usize].get_or_init(start).await.url()
}

/// AWS as the peer plays it.
pub(crate) async fn aws(kind: Kind) -> Aws {
    at(&url(kind).await, SECRET_KEY).await
}

/// All services at one address, asked with a secret of choice.
pub(crate) async fn at(url: &str, secret: &str) -> Aws {
    let url = Some(url.to_owned());
    Aws::load(Overrides {
        region: Some(REGION.to_owned()),
        credentials: Some(StaticCredentials {
            access_key_id: ACCESS_KEY.to_owned(),
            secret_access_key: secret.to_owned(),
        }),
        dynamodb: url.clone(),
        sqs: url.clone(),
        s3: url,
    })
    .await
    .unwrap()
}

/// A name for a table, a queue or a bucket that no other test has.
pub(crate) fn name() -> String {
    format!("platen-{}", Uuid::now_v7())
}

/// The key of a PDF that no other test has.
pub(crate) fn key() -> PdfKey {
    let (user, file) = ids();
    let token = FencingToken(1);
    PdfKey { user, file, token }
}
