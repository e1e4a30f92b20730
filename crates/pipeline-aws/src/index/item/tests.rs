use platen_api_types::{FileId, PdfOptions, Stage, UserId};
use platen_pipeline::FileName;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

/// Within the years a clock may show, to the millisecond.
fn time_at() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_000_i64).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

fn state() -> impl Strategy<Value = FileState> {
    let ready = (
        proptest::option::of(".{0,40}"),
        ".{0,40}",
        any::<(u32, u64, [u8; 32])>(),
        time_at(),
    )
        .prop_map(
            |(title, final_url, (pages, size, sha256), finished_at)| FileState::Ready {
                pdf: PdfFacts {
                    title,
                    final_url,
                    pages,
                    size,
                    sha256,
                },
                finished_at,
            },
        );
    let code = proptest::sample::select(FailureCode::ALL);
    let failed =
        (code, ".{0,40}", time_at()).prop_map(|(code, detail, finished_at)| FileState::Failed {
            failure: Failure { code, detail },
            finished_at,
        });
    let stage = proptest::sample::select(Stage::ALL.to_vec());
    let rendering = (time_at(), stage).prop_map(|(until, stage)| FileState::Rendering {
        lease: Lease { until },
        stage,
    });
    prop_oneof![
        Just(FileState::Queued),
        rendering,
        ready,
        failed,
        Just(FileState::Deleting),
    ]
}

fn stored() -> impl Strategy<Value = Stored> {
    let ids = any::<(u128, u128)>();
    let numbers = any::<(u64, u32, u64, u64)>();
    (ids, ".{0,40}", state(), numbers, time_at(), time_at()).prop_map(
        |((user, file), url, state, numbers, created_at, updated_at)| {
            let (token, attempts, version, revision) = numbers;
            let id = FileId::from_uuid(Uuid::from_u128(file));
            let record = FileRecord {
                user: UserId::from_uuid(Uuid::from_u128(user)),
                id,
                name: FileName::new(&url, id),
                url,
                options: PdfOptions::default(),
                state,
                token: FencingToken(token),
                attempts,
                created_at,
                updated_at,
            };
            Stored {
                record,
                version,
                revision,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(stored in stored()) {
        let item = stored.to_item().unwrap();
        prop_assert_eq!(Stored::from_item(&item).unwrap(), stored);
    }

    /// The sparse index holds unfinished files and no others.
    #[test]
    fn only_unfinished_files_are_due(stored in stored()) {
        let item = stored.to_item().unwrap();
        let finished = stored.record.state.status().is_final();
        prop_assert_eq!(item.contains_key(at::DUE), !finished);
        prop_assert_eq!(item.contains_key(at::DUE_SHARD), !finished);
    }

    #[test]
    fn of_a_removed_file_little_is_kept(stored in stored(), now in time_at()) {
        let item = stored.to_gone(now);
        let key = key_of(&stored.record);
        let gone = Stored::from_gone(key, &item).unwrap();
        prop_assert_eq!(key_of(&gone.record), key);
        prop_assert_eq!(&gone.record.name, &stored.record.name);
        prop_assert_eq!(&gone.record.state, &FileState::Deleting);
        prop_assert_eq!(gone.revision, stored.revision);
        // Not its address, nor anything that lists or finds files.
        for name in [at::URL, at::OPTIONS, at::SEARCH, at::NAME, at::DUE, at::TITLE] {
            prop_assert!(!item.contains_key(name), "{}", name);
        }
        prop_assert!(!has_expired(&item, now).unwrap());
        let later = now + jiff::SignedDuration::try_from(REMEMBERED).unwrap();
        prop_assert!(has_expired(&item, later).unwrap());
    }

    /// Whatever an item lacks or holds instead, reading it is an error and no panic.
    #[test]
    fn a_damaged_item_is_an_error(stored in stored(), which in any::<prop::sample::Index>(), gone: bool) {
        let mut item = stored.to_item().unwrap();
        let mut names: Vec<_> = item.keys().cloned().collect();
        // Not needed to read the record.
        let spare = [at::SEARCH, at::DUE, at::DUE_SHARD, at::TITLE, at::STAGE];
        names.retain(|name| !spare.contains(&name.as_str()));
        names.sort();
        let name = which.get(&names);
        if gone {
            item.remove(name);
        } else {
            item.insert(name.clone(), AttributeValue::Bool(true));
        }
        prop_assert!(Stored::from_item(&item).is_err(), "{}", name);
    }
}

/// Releases before and after this one share the table: a stage that is not there, or not known here, is
/// the first.
#[test]
fn a_file_is_read_whatever_its_stage() {
    let until = Timestamp::UNIX_EPOCH;
    let id = FileId::from_uuid(Uuid::nil());
    let rendering = |stage| Stored {
        record: FileRecord {
            user: UserId::from_uuid(Uuid::nil()),
            id,
            name: FileName::new("page", id),
            url: String::new(),
            options: PdfOptions::default(),
            state: FileState::Rendering {
                lease: Lease { until },
                stage,
            },
            token: FencingToken(1),
            attempts: 1,
            created_at: until,
            updated_at: until,
        },
        version: 1,
        revision: 1,
    };
    let mut item = rendering(Stage::Saving).to_item().unwrap();
    item.extend([text(at::STAGE, "folding")]);
    for read in [
        Stored::from_item(&item),
        Stored::from_item(&rendering(Stage::Loading).to_item().unwrap()),
    ] {
        assert_eq!(read.unwrap(), rendering(Stage::Loading));
    }
    item.remove(at::STAGE);
    assert_eq!(Stored::from_item(&item).unwrap(), rendering(Stage::Loading));
}
