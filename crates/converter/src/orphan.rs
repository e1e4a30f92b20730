//! Which objects no record accounts for.

use platen_pipeline::{FileRecord, FileState, PdfKey};

/// Whether an object can go, given the record as it was read *after* the object was seen.
///
/// An object counts once its token is recorded as `ready`, and only the holder of the claim with
/// that token can record it. Tokens only grow. So an object can go when its token is neither the
/// recorded one nor held by a claim — for good, whatever happens next. The same holds when there is no
/// record at all, as long as the index is to be believed.
pub(crate) fn is_orphan(object: &PdfKey, record: &FileRecord) -> bool {
    match record.state {
        // Its holder may be about to record it; or, if it is ready, it counts.
        FileState::Rendering { .. } | FileState::Ready { .. } => object.token != record.token,
        FileState::Queued | FileState::Failed { .. } | FileState::Deleting => true,
    }
}

#[cfg(test)]
mod tests {
    use platen_api_types::Stage;
    use platen_pipeline::{
        FencingToken, Lease,
        contract::{facts, failure, ids, new_file},
    };

    use super::*;

    fn record(state: FileState) -> FileRecord {
        let (user, id) = ids();
        let new = new_file(user, id);
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        FileRecord {
            user,
            id,
            name: new.name,
            url: new.url,
            options: new.options,
            state,
            token: FencingToken(2),
            attempts: 2,
            created_at: epoch,
            updated_at: epoch,
        }
    }

    #[test]
    fn an_object_stays_while_it_counts_or_may_come_to_count() {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let rendering = FileState::Rendering {
            // Ended long ago, and still its holder may finish.
            lease: Lease { until: at },
            stage: Stage::Saving,
        };
        let ready = FileState::Ready {
            pdf: facts("a"),
            finished_at: at,
        };
        let failed = FileState::Failed {
            failure: failure(),
            finished_at: at,
        };
        for (state, kept) in [
            (FileState::Queued, [false, false, false]),
            (rendering, [false, true, false]),
            (ready, [false, true, false]),
            (failed, [false, false, false]),
            (FileState::Deleting, [false, false, false]),
        ] {
            let record = record(state);
            for (token, kept) in (1..).zip(kept) {
                let token = FencingToken(token);
                let object = PdfKey {
                    token,
                    ..record.pdf_key()
                };
                assert_eq!(is_orphan(&object, &record), !kept, "{token} {record:?}");
            }
        }
    }
}
