//! What may pass is told from what stays, by type, and the cause is kept.

use std::{error::Error, net::TcpListener, sync::Arc, time::Duration};

use futures::StreamExt;
use platen_peers::{Kind, SECRET_KEY};
use platen_pipeline::{
    ConversionQueue, FileIndex, IndexError, Message, PdfStore, QueueError, Quota, Receipt,
    StoreError, SystemClock,
    contract::{content, ids, new_file},
};
use platen_pipeline_aws::{Aws, DynamoIndex, create_bucket};

use crate::support::{at, aws, key, name, url};

fn index(aws: &Aws) -> DynamoIndex {
    aws.index(name(), Arc::new(SystemClock))
}

/// The error and its causes, from the outside in.
fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

#[tokio::test]
async fn who_does_not_listen_may_come_back() {
    // Nobody listens where somebody has just stopped to.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let aws = at(&url, SECRET_KEY).await;
    let queue = aws.queue(format!("{url}/000000000000/{}", name()));
    let (index, store) = (index(&aws), aws.store(name()));
    let (index, queue, store) = tokio::join!(index.ping(), queue.ping(), store.ping());
    assert!(
        matches!(index, Err(IndexError::Unavailable(_))),
        "{index:?}"
    );
    assert!(
        matches!(queue, Err(QueueError::Unavailable(_))),
        "{queue:?}"
    );
    let Err(StoreError::Unavailable(error)) = store else {
        panic!("{store:?}");
    };
    let chain = chain(error.as_ref());
    assert!(chain.contains("refused"), "{chain}");
}

#[tokio::test]
async fn a_wrong_secret_stays_wrong() {
    let bucket = name();
    let right = aws(Kind::S3sFs).await;
    create_bucket(right.s3_client(), &bucket).await.unwrap();
    let wrong = at(&url(Kind::S3sFs).await, "not the secret").await;
    let store = wrong.store(bucket);
    let key = key();
    let answers = [
        store.put(&key, content(1, 10).1).await.map(drop),
        store.get(&key, None).await.map(drop),
        store.delete(&key).await,
        store.keys(None, 10).await.map(drop),
        store.ping().await,
    ];
    for answer in &answers {
        assert!(matches!(answer, Err(StoreError::Failed(_))), "{answer:?}");
    }
    let Err(error) = &answers[0] else {
        unreachable!("checked above")
    };
    let chain = chain(error);
    assert!(chain.contains("SignatureDoesNotMatch"), "{chain}");
}

#[tokio::test]
async fn a_missing_table_stays_missing() {
    for kind in [Kind::Dynoxide, Kind::Moto] {
        let index = index(&aws(kind).await);
        let (user, file) = ids();
        let new = new_file(user, file);
        let mut changes = index.changes(user, None);
        for error in [
            index.ping().await.unwrap_err(),
            index.put_queued(new, Quota::UNLIMITED).await.unwrap_err(),
            changes.next().await.unwrap().unwrap_err(),
        ] {
            assert!(matches!(error, IndexError::Failed(_)), "{error:?}");
            let chain = chain(&error);
            assert!(chain.contains("ResourceNotFound"), "{chain}");
        }
        // After an error the stream ends.
        assert!(changes.next().await.is_none());
    }
}

#[tokio::test]
async fn a_missing_queue_stays_missing() {
    for kind in [Kind::MiniStack, Kind::Moto] {
        let url = format!("{}/000000000000/{}", url(kind).await, name());
        let queue = aws(kind).await.queue(url);
        let (user, file) = ids();
        let second = Duration::from_secs(1);
        for answer in [
            queue.ping().await,
            queue.send(&Message::convert(user, file)).await,
            queue.receive(1, second, second).await.map(drop),
        ] {
            assert!(matches!(answer, Err(QueueError::Failed(_))), "{answer:?}");
        }
        // That the queue is gone must not be taken for a receipt that is.
        let ack = queue.ack(&Receipt("gone".to_owned())).await;
        assert!(matches!(ack, Err(QueueError::Failed(_))), "{ack:?}");
    }
}

#[tokio::test]
async fn a_missing_bucket_is_no_missing_pdf() {
    for kind in [Kind::S3sFs, Kind::Moto] {
        let store = aws(kind).await.store(name());
        let mut answers = vec![store.ping().await, store.keys(None, 10).await.map(drop)];
        // s3s-fs makes the folders of an object as needed, and looks for an object at its path.
        if kind == Kind::Moto {
            answers.extend([
                store.put(&key(), content(1, 10).1).await.map(drop),
                store.get(&key(), None).await.map(drop),
            ]);
        }
        for answer in answers {
            assert!(matches!(answer, Err(StoreError::Failed(_))), "{answer:?}");
        }
    }
}
