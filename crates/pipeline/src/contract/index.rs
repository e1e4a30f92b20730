//! Properties of every [`FileIndex`](crate::FileIndex).

mod changing;
mod claiming;
mod deleting;
mod listing;
mod putting;
mod sweeping;

pub use changing::*;
pub use claiming::*;
pub use deleting::*;
pub use listing::*;
pub use putting::*;
pub use sweeping::*;

use std::time::Duration;

use platen_api_types::UserId;

use super::{IndexHarness, ids, new_file};
use crate::{Claim, FileKey, FileQuery, FileRecord, Put, Quota};

/// The suite for an index. `$factory` is the path of an `async fn() -> IndexHarness`.
#[macro_export]
macro_rules! file_index_contract {
    ($factory:path) => {
        $crate::contract_tests! { $factory, $crate::contract::index,
            a_new_file_is_queued
            an_idempotency_key_repeats_its_request
            an_idempotency_key_for_another_request_conflicts
            an_idempotency_key_of_a_deleted_file_conflicts
            idempotency_keys_belong_to_one_user
            an_idempotency_key_is_forgotten_after_a_day
            of_concurrent_puts_with_one_key_one_creates
            the_quota_is_exact_under_concurrency
            the_quota_counts_what_is_not_being_deleted
            a_repeat_is_not_refused_for_quota
            what_is_in_progress_is_limited
            the_limit_of_what_is_in_progress_is_exact_under_concurrency
            of_many_claims_one_wins
            a_claim_takes_only_what_may_be_taken
            a_lease_ends
            a_renewed_lease_ends_later
            the_superseded_change_nothing
            a_late_holder_may_finish_when_nobody_took_over
            the_holder_tells_its_stages
            a_stage_goes_with_its_claim
            a_released_file_can_be_claimed_again
            a_file_is_finished_once
            only_a_failed_file_is_requeued
            what_is_being_deleted_is_hidden_at_once
            every_state_can_be_deleted
            only_what_is_being_deleted_is_removed
            deleted_stays_deleted
            a_user_without_files_is_forgotten
            a_user_with_files_is_not_forgotten
            a_page_is_newest_first
            a_page_can_be_oldest_first
            pages_stay_aligned_while_files_come_and_go
            search_looks_at_title_url_and_name
            lists_can_be_of_one_state
            users_are_isolated
            stale_work_is_found_and_stamped
            stale_work_comes_oldest_first
            of_concurrent_sweeps_one_takes_each_file
            changes_tell_every_last_state
            changes_start_with_the_call
            changes_tell_of_stages
            changes_replay_what_was_missed
            changes_tell_of_what_was_removed
            changes_go_on_from_a_revision_that_was_asked_for
            changes_outlast_a_slow_reader
            changes_are_of_one_user
        }

        /// Random operations, compared with the model.
        #[test]
        fn the_index_does_as_the_model() {
            $crate::contract::walk::compare_index($factory);
        }
    };
}

/// Room for every file a test makes.
const ROOM: Quota = Quota::UNLIMITED;

/// Room for so many files, whatever their state.
const fn room_for(files: u64) -> Quota {
    Quota {
        files,
        ..Quota::UNLIMITED
    }
}

impl IndexHarness {
    async fn put(&self, user: UserId) -> FileKey {
        let key = FileKey {
            user,
            file: ids().1,
        };
        let put = self.index.put_queued(new_file(user, key.file), ROOM).await;
        assert!(matches!(put, Ok(Put::Created(_))), "{put:?}");
        key
    }

    async fn claim(&self, key: FileKey) -> FileRecord {
        match self.index.claim(key, LEASE).await.unwrap() {
            Claim::Claimed(record) => record,
            other => panic!("not claimed: {other:?}"),
        }
    }

    async fn get(&self, key: FileKey) -> FileRecord {
        self.index.get(key).await.unwrap().unwrap()
    }

    async fn listed(&self, user: UserId) -> Vec<FileRecord> {
        let page = self.index.page(user, &everything()).await.unwrap();
        assert!(!page.more);
        page.files
    }
}

const LEASE: Duration = Duration::from_mins(1);
/// Just before it ends.
const ALMOST: Duration = Duration::from_millis(60_000 - 1);
const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn everything() -> FileQuery {
    FileQuery {
        limit: 1000,
        ..FileQuery::default()
    }
}

fn key_of(record: &FileRecord) -> FileKey {
    FileKey {
        user: record.user,
        file: record.id,
    }
}
