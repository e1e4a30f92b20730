use futures::StreamExt;
use platen_api_types::UserId;

use super::{IndexHarness, LEASE, ROOM, SECOND, ids, new_file};
use crate::{
    Claim, FileKey, FileState, Idempotency, NewFile, Outcome, Put, Revision,
    contract::{facts, failure},
};

pub async fn what_is_being_deleted_is_hidden_at_once(harness: &IndexHarness) {
    let (user, file) = ids();
    let key = FileKey { user, file };
    let new = new_file(user, file);
    let index = &harness.index;
    index.put_queued(new.clone(), ROOM).await.unwrap();
    let doomed = index.mark_deleting(key).await.unwrap().unwrap();
    assert_eq!(doomed.state, FileState::Deleting);

    assert!(harness.listed(user).await.is_empty());
    assert_eq!(index.get_by_name(user, &new.name).await.unwrap(), None);
    assert_eq!(index.count(user).await.unwrap(), 0);
    // The converter still finds it.
    assert_eq!(harness.get(key).await, doomed);

    harness.clock.advance(SECOND);
    let again = index.mark_deleting(key).await.unwrap();
    assert_eq!(again, Some(doomed), "nothing changes the second time");
    assert_eq!(index.count(user).await.unwrap(), 0);
}

pub async fn every_state_can_be_deleted(harness: &IndexHarness) {
    let (user, file) = ids();
    let index = &harness.index;
    let missing = FileKey { user, file };
    assert_eq!(index.mark_deleting(missing).await.unwrap(), None);

    let rendering = harness.put(user).await;
    harness.claim(rendering).await;
    let mut keys = vec![harness.put(user).await, rendering];
    for outcome in [Outcome::Ready(facts("a")), Outcome::Failed(failure())] {
        let key = harness.put(user).await;
        let token = harness.claim(key).await.token;
        index.finish(key, token, outcome).await.unwrap();
        keys.push(key);
    }
    for key in keys {
        let before = harness.get(key).await;
        let doomed = index.mark_deleting(key).await.unwrap().unwrap();
        assert_eq!(doomed.state, FileState::Deleting);
        assert_eq!(doomed.token, before.token, "its objects are still known");
    }
    assert!(harness.listed(user).await.is_empty());
}

pub async fn only_what_is_being_deleted_is_removed(harness: &IndexHarness) {
    let key = harness.put(ids().0).await;
    let index = &harness.index;
    index.remove(key).await.unwrap();
    assert_eq!(harness.get(key).await.state, FileState::Queued);
    index.mark_deleting(key).await.unwrap();
    for _ in 0..2 {
        index.remove(key).await.unwrap();
        assert_eq!(index.get(key).await.unwrap(), None);
    }
    assert_eq!(index.count(key.user).await.unwrap(), 0);
}

pub async fn deleted_stays_deleted(harness: &IndexHarness) {
    let key = harness.put(ids().0).await;
    let index = &harness.index;
    let token = harness.claim(key).await.token;
    index.mark_deleting(key).await.unwrap();
    index.remove(key).await.unwrap();

    assert_eq!(index.claim(key, LEASE).await.unwrap(), Claim::Missing);
    index.renew(key, token, LEASE).await.unwrap();
    index.release(key, token).await.unwrap();
    let ready = Outcome::Ready(facts("a"));
    index.finish(key, token, ready).await.unwrap();
    assert_eq!(index.requeue(key).await.unwrap(), None);
    assert_eq!(index.mark_deleting(key).await.unwrap(), None);
    assert_eq!(index.get(key).await.unwrap(), None);
    assert!(harness.listed(key.user).await.is_empty());
}

/// A request with an idempotency key.
fn named(user: UserId) -> NewFile {
    NewFile {
        idempotency: Some(Idempotency {
            key: "once".to_owned(),
            fingerprint: [7; 32],
        }),
        ..new_file(user, ids().1)
    }
}

/// How many changes there are to tell those who know nothing.
async fn told(harness: &IndexHarness, user: UserId) -> usize {
    let changes = harness.index.changes(user, Some(Revision(0)));
    // The first that comes after them marks their end.
    let end = harness.put(user).await;
    let told = changes.take_while(|change| {
        let is_end = change.as_ref().unwrap().record.id == end.file;
        std::future::ready(!is_end)
    });
    told.count().await
}

pub async fn a_user_without_files_is_forgotten(harness: &IndexHarness) {
    let index = &harness.index;
    let (ada, bob) = (ids().0, ids().0);
    assert!(index.forget_user(ada).await.unwrap(), "there is nothing");
    for user in [ada, bob] {
        for new in [named(user), new_file(user, ids().1)] {
            let file = new.id;
            index.put_queued(new, ROOM).await.unwrap();
            let key = FileKey { user, file };
            index.mark_deleting(key).await.unwrap();
            index.remove(key).await.unwrap();
        }
    }
    for _ in 0..2 {
        assert!(index.forget_user(ada).await.unwrap());
    }
    for (user, is_forgotten) in [(ada, true), (bob, false)] {
        let again = index.put_queued(named(user), ROOM).await.unwrap();
        assert_eq!(matches!(again, Put::Created(_)), is_forgotten, "{again:?}");
        assert_eq!(index.count(user).await.unwrap(), u64::from(is_forgotten));
    }
    assert_eq!(told(harness, ada).await, 1, "the new one");
    assert_eq!(told(harness, bob).await, 2, "those removed");
}

pub async fn a_user_with_files_is_not_forgotten(harness: &IndexHarness) {
    let index = &harness.index;
    let (user, _) = ids();
    let new = named(user);
    let key = FileKey { user, file: new.id };
    let Put::Created(record) = index.put_queued(new, ROOM).await.unwrap() else {
        panic!("not created");
    };
    assert!(!index.forget_user(user).await.unwrap());
    assert_eq!(index.count(user).await.unwrap(), 1);
    let again = index.put_queued(named(user), ROOM).await.unwrap();
    assert_eq!(again, Put::Repeated(record));

    index.mark_deleting(key).await.unwrap();
    assert!(!index.forget_user(user).await.unwrap());
    assert_eq!(harness.get(key).await.state, FileState::Deleting);
    let again = index.put_queued(named(user), ROOM).await.unwrap();
    assert_eq!(again, Put::Conflict, "its key is still known");
}
