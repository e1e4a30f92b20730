use std::collections::HashSet;

use futures::future::join_all;

use super::{IndexHarness, LEASE, MILLISECOND, SECOND, ids, key_of};
use crate::{
    Clock, FileState, Outcome,
    contract::{facts, failure},
};

pub async fn stale_work_is_found_and_stamped(harness: &IndexHarness) {
    let (user, _) = ids();
    let index = &harness.index;
    let queued = harness.put(user).await;
    let deleting = harness.put(user).await;
    index.mark_deleting(deleting).await.unwrap();
    let rendering = harness.put(user).await;
    harness.claim(rendering).await;
    for outcome in [Outcome::Ready(facts("a")), Outcome::Failed(failure())] {
        let key = harness.put(user).await;
        let token = harness.claim(key).await.token;
        index.finish(key, token, outcome).await.unwrap();
    }

    let now = harness.clock.now();
    assert_eq!(index.take_stale(now, 10).await.unwrap(), [], "all is fresh");

    harness.clock.advance(SECOND);
    let stale = index.take_stale(harness.clock.now(), 10).await.unwrap();
    let found: HashSet<_> = stale.iter().map(key_of).collect();
    assert_eq!(found, HashSet::from([queued, deleting]));
    for record in &stale {
        assert_eq!(record.updated_at, harness.clock.now());
        assert_eq!(*record, harness.get(key_of(record)).await);
    }
    let again = index.take_stale(harness.clock.now(), 10).await.unwrap();
    assert_eq!(again, [], "stamped a moment ago");

    // The lease has ended, but only just.
    harness.clock.advance(LEASE.saturating_sub(SECOND));
    let now = harness.clock.now();
    let stale = index.take_stale(now, 10).await.unwrap();
    let found: HashSet<_> = stale.iter().map(key_of).collect();
    assert_eq!(found, HashSet::from([queued, deleting]));
    harness.clock.advance(MILLISECOND);
    let before = harness.clock.now();
    let stale = index.take_stale(before, 10).await.unwrap();
    let found: HashSet<_> = stale.iter().map(key_of).collect();
    assert_eq!(found, HashSet::from([queued, deleting, rendering]));
    for record in &stale {
        let rendering = matches!(record.state, FileState::Rendering { .. });
        assert_eq!(rendering, record.attempts == 1, "states stay");
    }
    let now = harness.clock.now();
    assert_eq!(index.take_stale(now, 10).await.unwrap(), [], "stamped, too");

    // Stamping leaves it as it was: whoever comes may take it.
    assert_eq!(harness.claim(rendering).await.token.0, 2);
}

pub async fn stale_work_comes_oldest_first(harness: &IndexHarness) {
    let (user, _) = ids();
    let mut keys = Vec::new();
    for _ in 0..5 {
        keys.push(harness.put(user).await);
        harness.clock.advance(SECOND);
    }
    let mut taken = Vec::new();
    for expected in [2, 2, 1, 0] {
        let before = harness.clock.now();
        let stale = harness.index.take_stale(before, 2).await.unwrap();
        assert_eq!(stale.len(), expected);
        taken.extend(stale.iter().map(key_of));
    }
    assert_eq!(taken, keys);
}

pub async fn of_concurrent_sweeps_one_takes_each_file(harness: &IndexHarness) {
    let (user, _) = ids();
    for _ in 0..6 {
        harness.put(user).await;
    }
    harness.clock.advance(SECOND);
    let before = harness.clock.now();
    let sweeps = join_all((0..4).map(|_| harness.index.take_stale(before, 10))).await;
    let taken: Vec<_> = sweeps
        .into_iter()
        .flat_map(Result::unwrap)
        .map(|record| record.id)
        .collect();
    let distinct: HashSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), distinct.len()), (6, 6));
}
