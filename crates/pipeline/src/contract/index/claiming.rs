use futures::future::join_all;
use platen_api_types::{File, FileStatus, Stage};

use super::{ALMOST, IndexHarness, LEASE, MILLISECOND, SECOND, ids};
use crate::{
    Claim, Clock, FencingToken, FileKey, FileRecord, FileState, Finish, Lease, Outcome,
    contract::{facts, failure},
};

pub async fn of_many_claims_one_wins(harness: &IndexHarness) {
    let key = harness.put(ids().0).await;
    let claims = join_all((0..20).map(|_| harness.index.claim(key, LEASE))).await;
    let until = harness.clock.now() + LEASE;
    let mut won = 0;
    for claim in claims {
        match claim.unwrap() {
            Claim::Claimed(record) => {
                won += 1;
                assert_eq!((record.token, record.attempts), (FencingToken(1), 1));
                let lease = Lease { until };
                let stage = Stage::Loading;
                assert_eq!(record.state, FileState::Rendering { lease, stage });
                assert_eq!(record, harness.get(key).await);
            }
            Claim::Busy { until: busy } => assert_eq!(busy, until),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(won, 1);
}

pub async fn a_claim_takes_only_what_may_be_taken(harness: &IndexHarness) {
    let (user, file) = ids();
    let missing = harness.index.claim(FileKey { user, file }, LEASE).await;
    assert_eq!(missing.unwrap(), Claim::Missing);

    for outcome in [Outcome::Ready(facts("a")), Outcome::Failed(failure())] {
        let key = harness.put(user).await;
        let token = harness.claim(key).await.token;
        harness.index.finish(key, token, outcome).await.unwrap();
        let finished = harness.get(key).await;
        let claim = harness.index.claim(key, LEASE).await.unwrap();
        assert_eq!(claim, Claim::Finished(finished.clone()));
        assert_eq!(harness.get(key).await, finished);
    }

    let key = harness.put(user).await;
    harness.index.mark_deleting(key).await.unwrap();
    let claim = harness.index.claim(key, LEASE).await.unwrap();
    assert_eq!(claim, Claim::Deleting);
}

pub async fn a_lease_ends(harness: &IndexHarness) {
    let key = harness.put(ids().0).await;
    harness.claim(key).await;
    harness.clock.advance(ALMOST);
    let claim = harness.index.claim(key, LEASE).await.unwrap();
    assert!(matches!(claim, Claim::Busy { .. }), "{claim:?}");

    harness.clock.advance(MILLISECOND);
    let record = harness.claim(key).await;
    assert_eq!((record.token, record.attempts), (FencingToken(2), 2));
}

pub async fn a_renewed_lease_ends_later(harness: &IndexHarness) {
    let key = harness.put(ids().0).await;
    let token = harness.claim(key).await.token;
    harness.clock.advance(LEASE / 2);
    let renewed = harness.index.renew(key, token, LEASE).await.unwrap();
    assert_eq!(renewed, Finish::Recorded);

    harness.clock.advance(ALMOST);
    let claim = harness.index.claim(key, LEASE).await.unwrap();
    let until = harness.clock.now() + MILLISECOND;
    assert_eq!(claim, Claim::Busy { until });
    harness.clock.advance(MILLISECOND);
    assert_eq!(harness.claim(key).await.token, FencingToken(2));
}

pub async fn the_superseded_change_nothing(harness: &IndexHarness) {
    let (user, file) = ids();
    let key = harness.put(user).await;
    let old = harness.claim(key).await.token;
    harness.clock.advance(LEASE);
    let new = harness.claim(key).await.token;
    the_token_changes_nothing(harness, key, old).await;

    // Nor do those whose file was given back, finished, or is being deleted.
    harness.index.release(key, new).await.unwrap();
    the_token_changes_nothing(harness, key, new).await;
    let third = harness.claim(key).await.token;
    let ready = Outcome::Ready(facts("a"));
    harness.index.finish(key, third, ready).await.unwrap();
    the_token_changes_nothing(harness, key, third).await;

    let key = harness.put(user).await;
    let token = harness.claim(key).await.token;
    harness.index.mark_deleting(key).await.unwrap();
    the_token_changes_nothing(harness, key, token).await;

    // A token nobody has been given yet is none of the holder's.
    let key = harness.put(user).await;
    let token = harness.claim(key).await.token;
    the_token_changes_nothing(harness, key, FencingToken(token.0 + 1)).await;

    let missing = FileKey { user, file };
    let finish = harness.index.renew(missing, token, LEASE).await.unwrap();
    assert_eq!(finish, Finish::Superseded);
    assert_eq!(harness.index.get(missing).await.unwrap(), None);
}

async fn the_token_changes_nothing(harness: &IndexHarness, key: FileKey, token: FencingToken) {
    let before = harness.get(key).await;
    harness.clock.advance(MILLISECOND);
    let index = &harness.index;
    let ready = Outcome::Ready(facts("not mine"));
    for finish in [
        index.renew(key, token, LEASE).await,
        index.advance(key, token, Stage::Saving).await,
        index.release(key, token).await,
        index.finish(key, token, ready).await,
        index.finish(key, token, Outcome::Failed(failure())).await,
    ] {
        assert_eq!(finish.unwrap(), Finish::Superseded);
    }
    assert_eq!(harness.get(key).await, before);
}

pub async fn a_late_holder_may_finish_when_nobody_took_over(harness: &IndexHarness) {
    let key = harness.put(ids().0).await;
    let token = harness.claim(key).await.token;
    harness.clock.advance(LEASE * 2);
    let ready = Outcome::Ready(facts("a"));
    let finish = harness.index.finish(key, token, ready).await.unwrap();
    assert_eq!(finish, Finish::Recorded);
}

pub async fn a_released_file_can_be_claimed_again(harness: &IndexHarness) {
    let key = harness.put(ids().0).await;
    let token = harness.claim(key).await.token;
    let released = harness.index.release(key, token).await.unwrap();
    assert_eq!(released, Finish::Recorded);
    assert_eq!(harness.get(key).await.state, FileState::Queued);
    let record = harness.claim(key).await;
    assert_eq!((record.token, record.attempts), (FencingToken(2), 2));
}

pub async fn a_file_is_finished_once(harness: &IndexHarness) {
    let (user, _) = ids();
    let pdf = facts("A title");
    let failure = failure();
    for outcome in [
        Outcome::Ready(pdf.clone()),
        Outcome::Failed(failure.clone()),
    ] {
        let key = harness.put(user).await;
        let token = harness.claim(key).await.token;
        harness.clock.advance(SECOND);
        let finish = harness.index.finish(key, token, outcome.clone()).await;
        assert_eq!(finish.unwrap(), Finish::Recorded);
        let finished_at = harness.clock.now();
        let record = harness.get(key).await;
        assert_eq!(
            record.state,
            match outcome.clone() {
                Outcome::Ready(pdf) => FileState::Ready { pdf, finished_at },
                Outcome::Failed(failure) => FileState::Failed {
                    failure,
                    finished_at
                },
            }
        );
        assert_eq!((record.token, record.updated_at), (token, finished_at));

        let again = harness.index.finish(key, token, outcome).await.unwrap();
        assert_eq!(again, Finish::Superseded);
        assert_eq!(harness.get(key).await, record);
    }
}

pub async fn only_a_failed_file_is_requeued(harness: &IndexHarness) {
    let (user, file) = ids();
    let index = &harness.index;
    let missing = FileKey { user, file };
    assert_eq!(index.requeue(missing).await.unwrap(), None);

    let key = harness.put(user).await;
    assert_eq!(index.requeue(key).await.unwrap(), None, "queued");
    let token = harness.claim(key).await.token;
    assert_eq!(index.requeue(key).await.unwrap(), None, "rendering");
    let failed = Outcome::Failed(failure());
    index.finish(key, token, failed).await.unwrap();
    let requeued = index.requeue(key).await.unwrap().unwrap();
    assert_eq!(requeued.state, FileState::Queued);
    assert_eq!((requeued.token, requeued.attempts), (token, 0));
    assert_eq!(requeued, harness.get(key).await);

    let token = harness.claim(key).await.token;
    assert_eq!(token, FencingToken(2), "tokens go on growing");
    let ready = Outcome::Ready(facts("a"));
    index.finish(key, token, ready).await.unwrap();
    assert_eq!(index.requeue(key).await.unwrap(), None, "ready");
    index.mark_deleting(key).await.unwrap();
    assert_eq!(index.requeue(key).await.unwrap(), None, "deleting");
}

fn stage(record: &FileRecord) -> Option<Stage> {
    match record.state {
        FileState::Rendering { stage, .. } => Some(stage),
        _ => None,
    }
}

pub async fn the_holder_tells_its_stages(harness: &IndexHarness) {
    let key = harness.put(ids().0).await;
    let mut claimed = harness.claim(key).await;
    let index = &harness.index;
    // Pages lead on to others, so it may be told to go back, and told the same twice.
    for told in [
        Stage::Printing,
        Stage::Loading,
        Stage::Printing,
        Stage::Saving,
        Stage::Saving,
    ] {
        harness.clock.advance(MILLISECOND);
        let advance = index.advance(key, claimed.token, told).await.unwrap();
        assert_eq!(advance, Finish::Recorded);
        let record = harness.get(key).await;
        assert_eq!(stage(&record), Some(told));
        assert_eq!(File::from(record.clone()).stage, Some(told));
        // Nothing else has changed, least of all for how long the file is the holder's.
        claimed.updated_at = harness.clock.now();
        if let FileState::Rendering { stage, .. } = &mut claimed.state {
            *stage = told;
        }
        assert_eq!(record, claimed);
    }
    index.renew(key, claimed.token, LEASE).await.unwrap();
    assert_eq!(stage(&harness.get(key).await), Some(Stage::Saving));
}

pub async fn a_stage_goes_with_its_claim(harness: &IndexHarness) {
    let (user, _) = ids();
    let index = &harness.index;
    let saving = async |key| {
        let token = harness.claim(key).await.token;
        index.advance(key, token, Stage::Saving).await.unwrap();
        token
    };
    // Taken over.
    let key = harness.put(user).await;
    saving(key).await;
    harness.clock.advance(LEASE);
    let record = harness.claim(key).await;
    assert_eq!(stage(&record), Some(Stage::Loading));
    assert_eq!(record, harness.get(key).await);
    // Given back and taken again.
    index.release(key, record.token).await.unwrap();
    assert_eq!(harness.get(key).await.state, FileState::Queued);
    assert_eq!(stage(&harness.claim(key).await), Some(Stage::Loading));
    // Failed and tried again by hand.
    let key = harness.put(user).await;
    let token = saving(key).await;
    let failed = Outcome::Failed(failure());
    index.finish(key, token, failed).await.unwrap();
    let file = File::from(harness.get(key).await);
    assert_eq!((file.status, file.stage), (FileStatus::Failed, None));
    index.requeue(key).await.unwrap();
    assert_eq!(stage(&harness.claim(key).await), Some(Stage::Loading));
}
