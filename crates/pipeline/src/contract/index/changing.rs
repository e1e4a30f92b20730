use std::{collections::HashMap, time::Duration};

use futures::{StreamExt, stream::BoxStream};
use platen_api_types::{FileId, FileStatus, Stage};

use super::{IndexHarness, LEASE, ids};
use crate::{Change, FileState, IndexError, Outcome, Revision, contract::facts};

type Changes = BoxStream<'static, Result<Change, IndexError>>;

/// The next change, which has to come soon.
async fn next(changes: &mut Changes) -> Change {
    tokio::time::timeout(Duration::from_secs(10), changes.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap()
}

/// Reads until the file is in that state, and gives the revision of it.
async fn until(changes: &mut Changes, file: FileId, status: FileStatus) -> Revision {
    loop {
        let change = next(changes).await;
        if change.record.id == file && change.record.state.status() == status {
            return change.revision;
        }
    }
}

pub async fn changes_tell_every_last_state(harness: &IndexHarness) {
    let (user, _) = ids();
    let index = &harness.index;
    let mut changes = index.changes(user, None);
    let key = harness.put(user).await;
    let mut newest = until(&mut changes, key.file, FileStatus::Queued).await;
    let token = harness.claim(key).await.token;
    let mut grows = |revision: Revision| {
        assert!(revision > newest);
        newest = revision;
    };
    grows(until(&mut changes, key.file, FileStatus::Rendering).await);
    index.renew(key, token, LEASE).await.unwrap();
    index.release(key, token).await.unwrap();
    grows(until(&mut changes, key.file, FileStatus::Queued).await);
    let token = harness.claim(key).await.token;
    let ready = Outcome::Ready(facts("a"));
    index.finish(key, token, ready).await.unwrap();
    grows(until(&mut changes, key.file, FileStatus::Ready).await);
    index.mark_deleting(key).await.unwrap();
    let doomed = harness.get(key).await;
    let last = loop {
        let change = next(&mut changes).await;
        if change.record.state.status() == FileStatus::Deleting {
            break change;
        }
    };
    assert_eq!(last.record, doomed);
}

pub async fn changes_tell_of_stages(harness: &IndexHarness) {
    let (user, _) = ids();
    let index = &harness.index;
    let key = harness.put(user).await;
    let token = harness.claim(key).await.token;
    let before = index.revision(user).await.unwrap();
    let mut live = index.changes(user, None);
    index.advance(key, token, Stage::Printing).await.unwrap();
    let mut missed = index.changes(user, Some(before));
    for changes in [&mut live, &mut missed] {
        let change = next(changes).await;
        assert!(change.revision > before);
        assert_eq!(change.record, harness.get(key).await);
        let stage = match change.record.state {
            FileState::Rendering { stage, .. } => stage,
            other => panic!("{other:?}"),
        };
        assert_eq!(stage, Stage::Printing);
    }
}

pub async fn changes_start_with_the_call(harness: &IndexHarness) {
    let (user, _) = ids();
    harness.put(user).await;
    let mut changes = harness.index.changes(user, None);
    // Not read from yet, and still this must not be missed.
    let later = harness.put(user).await;
    assert_eq!(next(&mut changes).await.record.id, later.file);
}

pub async fn changes_replay_what_was_missed(harness: &IndexHarness) {
    let (user, _) = ids();
    let mut changes = harness.index.changes(user, None);
    let first = harness.put(user).await;
    let seen = until(&mut changes, first.file, FileStatus::Queued).await;
    drop(changes);

    let second = harness.put(user).await;
    harness.claim(first).await;
    let third = harness.put(user).await;
    let mut changes = harness.index.changes(user, Some(seen));
    let mut states = HashMap::new();
    for _ in 0..3 {
        let change = next(&mut changes).await;
        assert!(change.revision > seen);
        states.insert(change.record.id, change.record.state.status());
    }
    assert_eq!(
        states,
        HashMap::from([
            (first.file, FileStatus::Rendering),
            (second.file, FileStatus::Queued),
            (third.file, FileStatus::Queued),
        ])
    );
    // And goes on with what is new.
    let fourth = harness.put(user).await;
    assert_eq!(next(&mut changes).await.record.id, fourth.file);

    // A revision from elsewhere, or from before the index was replaced.
    let mut changes = harness.index.changes(user, Some(Revision(u64::MAX)));
    let fifth = harness.put(user).await;
    assert_eq!(next(&mut changes).await.record.id, fifth.file);
}

pub async fn changes_tell_of_what_was_removed(harness: &IndexHarness) {
    let (user, _) = ids();
    let index = &harness.index;
    let mut live = index.changes(user, None);
    let key = harness.put(user).await;
    let name = harness.get(key).await.name;
    let seen = until(&mut live, key.file, FileStatus::Queued).await;
    // Removed before any reader could look.
    index.mark_deleting(key).await.unwrap();
    index.remove(key).await.unwrap();
    until(&mut live, key.file, FileStatus::Deleting).await;

    let mut replayed = index.changes(user, Some(seen));
    let change = next(&mut replayed).await;
    assert_eq!((change.record.id, &change.record.name), (key.file, &name));
    assert_eq!(change.record.state.status(), FileStatus::Deleting);

    // Who knows already is not told again.
    let mut knowing = index.changes(user, Some(change.revision));
    let later = harness.put(user).await;
    assert_eq!(next(&mut knowing).await.record.id, later.file);
}

pub async fn changes_go_on_from_a_revision_that_was_asked_for(harness: &IndexHarness) {
    let (user, _) = ids();
    let index = &harness.index;
    // Also of a user without files.
    for _ in 0..2 {
        let before = index.revision(user).await.unwrap();
        let key = harness.put(user).await;
        harness.claim(key).await;
        let after = index.revision(user).await.unwrap();
        assert!(after > before);
        // Nobody listened meanwhile.
        let mut changes = index.changes(user, Some(before));
        let told = next(&mut changes).await;
        assert_eq!(told.record.id, key.file);
        assert!(told.revision > before && told.revision <= after);
    }
}

pub async fn changes_outlast_a_slow_reader(harness: &IndexHarness) {
    let (user, _) = ids();
    let mut changes = harness.index.changes(user, None);
    let mut expected = HashMap::new();
    for _ in 0..150 {
        let key = harness.put(user).await;
        harness.claim(key).await;
        expected.insert(key.file, FileStatus::Rendering);
    }
    let mut states = HashMap::new();
    while states != expected {
        let change = next(&mut changes).await;
        states.insert(change.record.id, change.record.state.status());
    }
}

pub async fn changes_are_of_one_user(harness: &IndexHarness) {
    let (mine, _) = ids();
    let (theirs, _) = ids();
    let mut changes = harness.index.changes(mine, None);
    harness.put(theirs).await;
    let key = harness.put(mine).await;
    let change = next(&mut changes).await;
    assert_eq!((change.record.user, change.record.id), (mine, key.file));
    let mut replay = harness.index.changes(mine, Some(Revision(0)));
    assert_eq!(next(&mut replay).await.record.user, mine);
}
