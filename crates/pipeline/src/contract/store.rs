//! Properties of every [`PdfStore`](crate::PdfStore).

use std::io;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, future::join_all, stream};

use super::{StoreHarness, content, ids};
use crate::{ByteRange, FencingToken, PdfKey, StoreError};

/// The suite for a store. `$factory` is the path of an `async fn() -> StoreHarness`.
#[macro_export]
macro_rules! pdf_store_contract {
    ($factory:path) => {
        $crate::contract_tests! { $factory, $crate::contract::store,
            what_is_put_can_be_got
            a_missing_pdf_is_none
            a_part_can_be_got
            a_range_outside_is_refused
            a_later_put_replaces
            a_broken_stream_leaves_what_was_there
            an_abandoned_put_leaves_nothing
            of_concurrent_puts_one_is_whole
            an_open_download_survives_removal
            deleting_twice_is_no_error
            keys_are_listed_in_order
        }
    };
}

fn key() -> PdfKey {
    let (user, file) = ids();
    let token = FencingToken(1);
    PdfKey { user, file, token }
}

impl StoreHarness {
    async fn put(&self, key: &PdfKey, seed: u8, size: usize) -> Vec<u8> {
        let (bytes, body) = content(seed, size);
        let stored = self.store.put(key, body).await.unwrap();
        assert_eq!(stored.size, size as u64);
        bytes
    }

    async fn read(&self, key: &PdfKey, range: Option<ByteRange>) -> Option<(u64, Vec<u8>)> {
        let object = self.store.get(key, range).await.unwrap()?;
        let pieces: Vec<Bytes> = object.body.try_collect().await.unwrap();
        Some((object.size, pieces.concat()))
    }

    async fn keys(&self) -> Vec<PdfKey> {
        self.store.keys(None, 100).await.unwrap()
    }
}

pub async fn what_is_put_can_be_got(harness: &StoreHarness) {
    for size in [0, 1, 1000, 5 * 1024 * 1024 + 1] {
        let key = key();
        let bytes = harness.put(&key, 1, size).await;
        let (told, read) = harness.read(&key, None).await.unwrap();
        assert_eq!(told, size as u64);
        assert!(read == bytes, "{size} bytes differ");
    }
}

pub async fn a_missing_pdf_is_none(harness: &StoreHarness) {
    let key = key();
    assert!(harness.read(&key, None).await.is_none());
    let range = ByteRange { first: 0, last: 1 };
    assert!(harness.read(&key, Some(range)).await.is_none());
    harness.put(&key, 1, 10).await;
    let other = PdfKey {
        token: FencingToken(2),
        ..key
    };
    assert!(harness.read(&other, None).await.is_none());
}

pub async fn a_part_can_be_got(harness: &StoreHarness) {
    let key = key();
    let size = 300_000;
    let bytes = harness.put(&key, 1, size).await;
    for (first, last) in [
        (0, 0),
        (0, size - 1),
        (size - 1, size - 1),
        (1000, 200_000),
        // The end may lie beyond.
        (299_990, 1_000_000),
        (0, usize::MAX),
    ] {
        let range = ByteRange {
            first: first as u64,
            last: last as u64,
        };
        let (told, read) = harness.read(&key, Some(range)).await.unwrap();
        assert_eq!(told, size as u64, "the size is that of the whole");
        assert!(read == bytes[first..=last.min(size - 1)], "{first}-{last}");
    }
}

pub async fn a_range_outside_is_refused(harness: &StoreHarness) {
    for size in [0, 10] {
        let key = key();
        harness.put(&key, 1, size).await;
        let first = size as u64;
        let range = ByteRange {
            first,
            last: first + 1,
        };
        match harness.store.get(&key, Some(range)).await {
            Err(StoreError::Range { size: told }) => assert_eq!(told, first),
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("a range outside was got"),
        }
    }
}

pub async fn a_later_put_replaces(harness: &StoreHarness) {
    let key = key();
    harness.put(&key, 1, 5000).await;
    let bytes = harness.put(&key, 2, 10).await;
    assert_eq!(harness.read(&key, None).await, Some((10, bytes)));
    assert_eq!(harness.keys().await, [key]);
}

pub async fn a_broken_stream_leaves_what_was_there(harness: &StoreHarness) {
    let empty = key();
    let full = key();
    let bytes = harness.put(&full, 1, 1000).await;
    for key in [&empty, &full] {
        for good in [0, 100, 6 * 1024 * 1024] {
            let (_, body) = content(2, good);
            let body = body.chain(stream::iter([Err(io::Error::other("broken"))]));
            match harness.store.put(key, body.boxed()).await {
                Err(StoreError::Source(error)) => assert_eq!(error.to_string(), "broken"),
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(harness.read(&empty, None).await.is_none());
    assert_eq!(harness.read(&full, None).await, Some((1000, bytes)));
    assert_eq!(harness.keys().await, [full]);
}

pub async fn an_abandoned_put_leaves_nothing(harness: &StoreHarness) {
    let key = key();
    let (_, body) = content(1, 1_000_000);
    let (told, reached) = tokio::sync::oneshot::channel();
    let end = stream::once(async move {
        let _ = told.send(());
        std::future::pending().await
    });
    let put = harness.store.put(&key, body.chain(end).boxed());
    tokio::select! {
        _ = put => panic!("the stream has no end"),
        told = reached => told.unwrap(),
    }
    assert!(harness.read(&key, None).await.is_none());
    assert!(harness.keys().await.is_empty());
    harness.put(&key, 2, 10).await;
}

pub async fn of_concurrent_puts_one_is_whole(harness: &StoreHarness) {
    let key = key();
    let sizes = [400_000, 300_000, 200_000, 100_000];
    let puts = sizes
        .iter()
        .zip(1..)
        .map(|(size, seed)| harness.put(&key, seed, *size));
    let contents = join_all(puts).await;
    let (size, read) = harness.read(&key, None).await.unwrap();
    assert_eq!(size, read.len() as u64);
    assert!(contents.contains(&read), "a mixture of {size} bytes");
}

pub async fn an_open_download_survives_removal(harness: &StoreHarness) {
    let key = key();
    let bytes = harness.put(&key, 1, 3_000_000).await;
    let object = harness.store.get(&key, None).await.unwrap().unwrap();
    harness.store.delete(&key).await.unwrap();
    // Whole or broken off, but never something else.
    let pieces: Result<Vec<Bytes>, _> = object.body.try_collect().await;
    if let Ok(pieces) = pieces {
        assert!(pieces.concat() == bytes);
    }
}

pub async fn deleting_twice_is_no_error(harness: &StoreHarness) {
    let first = key();
    let sibling = PdfKey {
        token: FencingToken(2),
        ..first
    };
    harness.put(&first, 1, 10).await;
    let bytes = harness.put(&sibling, 2, 10).await;
    for _ in 0..2 {
        harness.store.delete(&first).await.unwrap();
        assert!(harness.read(&first, None).await.is_none());
    }
    assert_eq!(harness.read(&sibling, None).await, Some((10, bytes)));
    harness.store.delete(&sibling).await.unwrap();
    assert!(harness.keys().await.is_empty());
    harness.put(&first, 3, 10).await;
    assert_eq!(harness.keys().await, [first]);
}

pub async fn keys_are_listed_in_order(harness: &StoreHarness) {
    assert!(harness.keys().await.is_empty());
    let mut expected = Vec::new();
    for _ in 0..2 {
        let (user, _) = ids();
        for _ in 0..2 {
            let (_, file) = ids();
            // As text, 10 comes before 2.
            for token in [1, 2, 10] {
                let token = FencingToken(token);
                let key = PdfKey { user, file, token };
                harness.put(&key, 1, 1).await;
                expected.push(key);
            }
        }
    }
    expected.sort_by_key(ToString::to_string);
    assert_eq!(harness.keys().await, expected);

    for limit in [1, 5, 12] {
        let mut listed: Vec<PdfKey> = Vec::new();
        loop {
            let after = listed.last().copied();
            let page = harness.store.keys(after, limit).await.unwrap();
            assert!(page.len() <= usize::from(limit));
            if page.is_empty() {
                break;
            }
            listed.extend(page);
        }
        assert_eq!(listed, expected, "{limit} at a time");
    }
    // Also from where there is none (any more).
    let gone = expected[4];
    harness.store.delete(&gone).await.unwrap();
    let rest = harness.store.keys(Some(gone), 100).await.unwrap();
    assert_eq!(rest, expected[5..]);
}
