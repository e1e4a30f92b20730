use std::collections::HashSet;

use futures::future::join_all;

use super::{IndexHarness, ROOM, SECOND, ids, key_of, new_file, room_for};
use crate::{
    Clock, FencingToken, FileKey, FileState, Finish, Idempotency, NewFile, Outcome, Put, Quota,
    REMEMBERED,
};

fn with_key(new: NewFile, key: &str, fingerprint: u8) -> NewFile {
    NewFile {
        idempotency: Some(Idempotency {
            key: key.to_owned(),
            fingerprint: [fingerprint; 32],
        }),
        ..new
    }
}

pub async fn a_new_file_is_queued(harness: &IndexHarness) {
    let (user, id) = ids();
    let mut new = new_file(user, id);
    new.options.landscape = true;
    let Put::Created(record) = harness.index.put_queued(new.clone(), ROOM).await.unwrap() else {
        panic!("not created");
    };
    assert_eq!(
        (
            record.user,
            record.id,
            &record.name,
            &record.url,
            &record.options
        ),
        (user, id, &new.name, &new.url, &new.options)
    );
    assert_eq!(record.state, FileState::Queued);
    assert_eq!((record.token, record.attempts), (FencingToken(0), 0));
    let now = harness.clock.now();
    assert_eq!((record.created_at, record.updated_at), (now, now));

    assert_eq!(harness.get(key_of(&record)).await, record);
    let named = harness.index.get_by_name(user, &new.name).await.unwrap();
    assert_eq!(named, Some(record));
}

pub async fn an_idempotency_key_repeats_its_request(harness: &IndexHarness) {
    let (user, id) = ids();
    let first = with_key(new_file(user, id), "k", 1);
    harness.index.put_queued(first, ROOM).await.unwrap();
    let claimed = harness.claim(crate::FileKey { user, file: id }).await;

    let again = with_key(new_file(user, ids().1), "k", 1);
    let put = harness.index.put_queued(again, ROOM).await.unwrap();
    assert_eq!(put, Put::Repeated(claimed), "the first file, as it now is");
    assert_eq!(harness.listed(user).await.len(), 1);
}

pub async fn an_idempotency_key_for_another_request_conflicts(harness: &IndexHarness) {
    let (user, id) = ids();
    let first = with_key(new_file(user, id), "k", 1);
    harness.index.put_queued(first, ROOM).await.unwrap();
    let other = with_key(new_file(user, ids().1), "k", 2);
    let put = harness.index.put_queued(other, ROOM).await.unwrap();
    assert_eq!(put, Put::Conflict);
    assert_eq!(harness.listed(user).await.len(), 1);
}

pub async fn an_idempotency_key_of_a_deleted_file_conflicts(harness: &IndexHarness) {
    let (user, id) = ids();
    let key = crate::FileKey { user, file: id };
    let first = with_key(new_file(user, id), "k", 1);
    harness.index.put_queued(first, ROOM).await.unwrap();
    harness.index.mark_deleting(key).await.unwrap();
    for step in ["being deleted", "removed"] {
        let again = with_key(new_file(user, ids().1), "k", 1);
        let put = harness.index.put_queued(again, ROOM).await.unwrap();
        assert_eq!(put, Put::Conflict, "{step}");
        harness.index.remove(key).await.unwrap();
    }
}

pub async fn idempotency_keys_belong_to_one_user(harness: &IndexHarness) {
    for _ in 0..2 {
        let (user, id) = ids();
        let new = with_key(new_file(user, id), "k", 1);
        let put = harness.index.put_queued(new, ROOM).await.unwrap();
        assert!(matches!(put, Put::Created(_)), "{put:?}");
    }
}

pub async fn an_idempotency_key_is_forgotten_after_a_day(harness: &IndexHarness) {
    let (user, id) = ids();
    let first = with_key(new_file(user, id), "k", 1);
    harness.index.put_queued(first, ROOM).await.unwrap();
    harness.clock.advance(REMEMBERED.saturating_sub(SECOND));
    let again = with_key(new_file(user, ids().1), "k", 1);
    let put = harness.index.put_queued(again, ROOM).await.unwrap();
    assert!(matches!(put, Put::Repeated(_)), "{put:?}");

    harness.clock.advance(SECOND);
    let later = with_key(new_file(user, ids().1), "k", 2);
    let put = harness.index.put_queued(later, ROOM).await.unwrap();
    assert!(matches!(put, Put::Created(_)), "{put:?}");
}

pub async fn of_concurrent_puts_with_one_key_one_creates(harness: &IndexHarness) {
    let (user, _) = ids();
    let puts = join_all((0..10).map(|_| {
        let new = with_key(new_file(user, ids().1), "k", 1);
        harness.index.put_queued(new, ROOM)
    }))
    .await;
    let (mut created, mut answered) = (0, HashSet::new());
    for put in puts {
        match put.unwrap() {
            Put::Created(record) => {
                created += 1;
                answered.insert(record.id);
            }
            Put::Repeated(record) => {
                answered.insert(record.id);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((created, answered.len()), (1, 1));
    assert_eq!(harness.listed(user).await.len(), 1);
}

pub async fn the_quota_is_exact_under_concurrency(harness: &IndexHarness) {
    let (user, _) = ids();
    let puts = join_all((0..12).map(|_| {
        harness
            .index
            .put_queued(new_file(user, ids().1), room_for(5))
    }))
    .await;
    let created = puts
        .iter()
        .filter(|put| matches!(put, Ok(Put::Created(_))))
        .count();
    let refused = puts
        .iter()
        .filter(|put| matches!(put, Ok(Put::QuotaExceeded)))
        .count();
    assert_eq!((created, refused), (5, 7));
    assert_eq!(harness.listed(user).await.len(), 5);
    assert_eq!(harness.index.count(user).await.unwrap(), 5);
}

pub async fn the_quota_counts_what_is_not_being_deleted(harness: &IndexHarness) {
    let (user, id) = ids();
    let first = new_file(user, id);
    harness.index.put_queued(first, room_for(1)).await.unwrap();
    let refused = harness
        .index
        .put_queued(new_file(user, ids().1), room_for(1))
        .await;
    assert_eq!(refused.unwrap(), Put::QuotaExceeded);
    let key = crate::FileKey { user, file: id };
    harness.index.mark_deleting(key).await.unwrap();
    // A second time must not make room for a second file.
    harness.index.mark_deleting(key).await.unwrap();
    harness.index.remove(key).await.unwrap();
    let put = harness
        .index
        .put_queued(new_file(user, ids().1), room_for(1))
        .await;
    assert!(matches!(put, Ok(Put::Created(_))), "{put:?}");
    let refused = harness
        .index
        .put_queued(new_file(user, ids().1), room_for(1))
        .await;
    assert_eq!(refused.unwrap(), Put::QuotaExceeded);
}

pub async fn a_repeat_is_not_refused_for_quota(harness: &IndexHarness) {
    let (user, id) = ids();
    let first = with_key(new_file(user, id), "k", 1);
    harness.index.put_queued(first, room_for(1)).await.unwrap();
    let again = with_key(new_file(user, ids().1), "k", 1);
    let put = harness.index.put_queued(again, room_for(1)).await.unwrap();
    assert!(matches!(put, Put::Repeated(_)), "{put:?}");
    // What was refused has not used its key up.
    let refused = with_key(new_file(user, ids().1), "l", 1);
    let put = harness
        .index
        .put_queued(refused.clone(), room_for(1))
        .await
        .unwrap();
    assert_eq!(put, Put::QuotaExceeded);
    let put = harness
        .index
        .put_queued(refused, room_for(2))
        .await
        .unwrap();
    assert!(matches!(put, Put::Created(_)), "{put:?}");
}

/// Room for so many files that are not finished.
const fn in_progress(in_progress: u64) -> Quota {
    Quota {
        in_progress,
        ..Quota::UNLIMITED
    }
}

pub async fn what_is_in_progress_is_limited(harness: &IndexHarness) {
    let (user, _) = ids();
    let ask = async |new: NewFile| harness.index.put_queued(new, in_progress(2)).await.unwrap();
    let new = || new_file(user, ids().1);
    let (first, second) = (with_key(new(), "k", 1), new());
    let key = |new: &NewFile| FileKey { user, file: new.id };
    let (first_key, second_key) = (key(&first), key(&second));
    for new in [first, second] {
        let put = ask(new).await;
        assert!(matches!(put, Put::Created(_)), "{put:?}");
    }
    assert_eq!(ask(new()).await, Put::TooManyInProgress);
    // Being rendered is no end, either.
    let claimed = harness.claim(first_key).await;
    assert_eq!(ask(new()).await, Put::TooManyInProgress);
    // What was accepted before is repeated, and other users have their own.
    let repeated = ask(with_key(new(), "k", 1)).await;
    assert!(matches!(repeated, Put::Repeated(_)), "{repeated:?}");
    let others = ask(new_file(ids().0, ids().1)).await;
    assert!(matches!(others, Put::Created(_)), "{others:?}");

    let outcome = Outcome::Failed(crate::contract::failure());
    let finish = harness.index.finish(first_key, claimed.token, outcome);
    assert_eq!(finish.await.unwrap(), Finish::Recorded);
    let put = ask(new()).await;
    assert!(matches!(put, Put::Created(_)), "{put:?}");
    assert_eq!(ask(new()).await, Put::TooManyInProgress);
    harness.index.mark_deleting(second_key).await.unwrap();
    let put = ask(new()).await;
    assert!(matches!(put, Put::Created(_)), "{put:?}");
    // Tried again, it counts again.
    harness
        .index
        .mark_deleting(key_of(&harness.listed(user).await[0]))
        .await
        .unwrap();
    harness.index.requeue(first_key).await.unwrap();
    assert_eq!(ask(new()).await, Put::TooManyInProgress);
    // A full library is told first: waiting does not help there.
    let both = Quota {
        files: 1,
        in_progress: 1,
    };
    let put = harness.index.put_queued(new(), both).await.unwrap();
    assert_eq!(put, Put::QuotaExceeded);
}

pub async fn the_limit_of_what_is_in_progress_is_exact_under_concurrency(harness: &IndexHarness) {
    let (user, _) = ids();
    let put = || {
        harness
            .index
            .put_queued(new_file(user, ids().1), in_progress(5))
    };
    let puts = join_all((0..12).map(|_| put())).await;
    let created = puts
        .iter()
        .filter(|put| matches!(put, Ok(Put::Created(_))))
        .count();
    let refused = puts
        .iter()
        .filter(|put| matches!(put, Ok(Put::TooManyInProgress)))
        .count();
    assert_eq!((created, refused), (5, 7));
}
