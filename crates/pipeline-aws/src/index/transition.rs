//! The steps of a file's life as pure functions: from the record as it is, to the record as it
//! shall be and the answer, or to the answer alone.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use platen_api_types::{FileStatus, Stage};
use platen_pipeline::{Claim, FencingToken, FileRecord, FileState, Finish, Lease, Outcome};

/// What a step makes of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step<T> {
    /// The record to write, if any.
    pub(super) write: Option<FileRecord>,
    /// The answer; it holds only if the record was written.
    pub(super) answer: T,
}

impl<T> Step<T> {
    fn stay(answer: T) -> Self {
        Self {
            write: None,
            answer,
        }
    }

    fn go(record: FileRecord, answer: T) -> Self {
        Self {
            write: Some(record),
            answer,
        }
    }
}

pub(super) fn claim(record: &FileRecord, now: Timestamp, lease: Duration) -> Step<Claim> {
    match &record.state {
        FileState::Rendering { lease, .. } if lease.until > now => {
            Step::stay(Claim::Busy { until: lease.until })
        }
        FileState::Queued | FileState::Rendering { .. } => {
            let mut next = moved(record, now, rendering(now, lease));
            next.token = FencingToken(record.token.0.saturating_add(1));
            next.attempts = record.attempts.saturating_add(1);
            Step::go(next.clone(), Claim::Claimed(next))
        }
        FileState::Ready { .. } | FileState::Failed { .. } => {
            Step::stay(Claim::Finished(record.clone()))
        }
        FileState::Deleting => Step::stay(Claim::Deleting),
    }
}

pub(super) fn advance(
    record: &FileRecord,
    token: FencingToken,
    stage: Stage,
    now: Timestamp,
) -> Step<Finish> {
    match record.state {
        FileState::Rendering { lease, .. } if record.token == token => {
            let told = FileState::Rendering { lease, stage };
            Step::go(moved(record, now, told), Finish::Recorded)
        }
        _ => Step::stay(Finish::Superseded),
    }
}

pub(super) fn release(record: &FileRecord, token: FencingToken, now: Timestamp) -> Step<Finish> {
    if is_held(record, token) {
        Step::go(moved(record, now, FileState::Queued), Finish::Recorded)
    } else {
        Step::stay(Finish::Superseded)
    }
}

pub(super) fn finish(
    record: &FileRecord,
    token: FencingToken,
    outcome: Outcome,
    now: Timestamp,
) -> Step<Finish> {
    if !is_held(record, token) {
        return Step::stay(Finish::Superseded);
    }
    let finished_at = now;
    let state = match outcome {
        Outcome::Ready(pdf) => FileState::Ready { pdf, finished_at },
        Outcome::Failed(failure) => FileState::Failed {
            failure,
            finished_at,
        },
    };
    Step::go(moved(record, now, state), Finish::Recorded)
}

pub(super) fn requeue(record: &FileRecord, now: Timestamp) -> Step<Option<FileRecord>> {
    if matches!(record.state, FileState::Failed { .. }) {
        let mut next = moved(record, now, FileState::Queued);
        next.attempts = 0;
        Step::go(next.clone(), Some(next))
    } else {
        Step::stay(None)
    }
}

pub(super) fn mark_deleting(record: &FileRecord, now: Timestamp) -> Step<FileRecord> {
    if record.state == FileState::Deleting {
        Step::stay(record.clone())
    } else {
        let next = moved(record, now, FileState::Deleting);
        Step::go(next.clone(), next)
    }
}

/// When a lease of that length ends.
pub(super) fn lease_end(now: Timestamp, lease: Duration) -> Timestamp {
    let lease = SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX);
    to_millisecond(now.saturating_add(lease).unwrap_or(Timestamp::MAX))
}

/// Times are kept to the millisecond, so that what is told is what was stored.
pub(super) fn to_millisecond(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// Whether a converter works on the file or shall.
pub(super) const fn is_unfinished(status: FileStatus) -> bool {
    matches!(status, FileStatus::Queued | FileStatus::Rendering)
}

fn is_held(record: &FileRecord, token: FencingToken) -> bool {
    record.token == token && matches!(record.state, FileState::Rendering { .. })
}

fn rendering(now: Timestamp, lease: Duration) -> FileState {
    FileState::Rendering {
        lease: Lease {
            until: lease_end(now, lease),
        },
        stage: Stage::default(),
    }
}

fn moved(record: &FileRecord, now: Timestamp, state: FileState) -> FileRecord {
    FileRecord {
        state,
        updated_at: now,
        ..record.clone()
    }
}
