//! What lies where in the table.
//!
//! | sort key | item |
//! |---|---|
//! | `{file_id}` | a file |
//! | `#user` | the user's counters: files, unfinished files, last revision |
//! | `#idem#{sha256 of the key}` | an idempotency key, until it expires |
//! | `#gone#{file_id}` | a file that was removed, until that is forgotten |
//!
//! Ids are lower-case hexadecimal, so everything else sorts before them and a query for the ids
//! reads nothing else.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use platen_api_types::{FileId, Order, UserId};
use platen_pipeline::FileKey;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub(super) type Item = HashMap<String, AttributeValue>;

/// Partition key.
pub(super) const USER: &str = "user_id";
/// Sort key.
pub(super) const FILE: &str = "file_id";

const COUNTERS: &str = "#user";
const IDEMPOTENCY: &str = "#idem#";
const GONE: &str = "#gone#";

fn item_key(user: UserId, sort: String) -> Item {
    HashMap::from([
        (USER.to_owned(), AttributeValue::S(user.to_string())),
        (FILE.to_owned(), AttributeValue::S(sort)),
    ])
}

pub(super) fn file(key: FileKey) -> Item {
    item_key(key.user, key.file.to_string())
}

pub(super) fn counters(user: UserId) -> Item {
    item_key(user, COUNTERS.to_owned())
}

/// Hashed, because a client's key may be longer than a sort key and hold anything.
pub(super) fn idempotency(user: UserId, key: &str) -> Item {
    let digest = hex::encode(Sha256::digest(key.as_bytes()));
    item_key(user, format!("{IDEMPOTENCY}{digest}"))
}

pub(super) fn gone(key: FileKey) -> Item {
    item_key(key.user, format!("{GONE}{}", key.file))
}

/// The file a sort key is about, and whether it is a removed one.
pub(super) fn parse_sort(sort: &str) -> Option<(FileId, bool)> {
    match sort.strip_prefix(GONE) {
        Some(id) => id.parse().ok().map(|id| (id, true)),
        None => sort.parse().ok().map(|id| (id, false)),
    }
}

/// Every file has this sort key or a later one, and nothing else has.
pub(super) fn first_file() -> String {
    Uuid::nil().to_string()
}

/// First and last id of those that come after `after` in this order; of all files when `None`. Nothing
/// comes after the last id that there can be.
pub(super) fn rest(order: Order, after: Option<FileId>) -> Option<(String, String)> {
    let after = after.map(|after| after.as_uuid().as_u128());
    let (first, last) = match (order, after) {
        (_, None) => (0, u128::MAX),
        (Order::Newest, Some(after)) => (0, after.checked_sub(1)?),
        (Order::Oldest, Some(after)) => (after.checked_add(1)?, u128::MAX),
    };
    let id = |bits| Uuid::from_u128(bits).to_string();
    Some((id(first), id(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort(item: &Item) -> &str {
        item[FILE].as_s().unwrap()
    }

    #[test]
    fn only_files_lie_between_the_first_and_the_last_id() {
        let user = UserId::from_uuid(Uuid::nil());
        let (first, last) = rest(Order::Newest, None).unwrap();
        assert_eq!(
            rest(Order::Oldest, None).unwrap(),
            (first.clone(), last.clone())
        );
        for id in [Uuid::nil(), Uuid::from_u128(7 << 76), Uuid::max()] {
            let key = FileKey {
                user,
                file: FileId::from_uuid(id),
            };
            let id = id.to_string();
            assert!(first <= id && id <= last);
            assert_eq!(parse_sort(sort(&file(key))), Some((key.file, false)));
            assert_eq!(parse_sort(sort(&gone(key))), Some((key.file, true)));
            assert!(*sort(&gone(key)) < *first);
        }
        for other in [counters(user), idempotency(user, "a key")] {
            assert!(*sort(&other) < *first);
            assert_eq!(parse_sort(sort(&other)), None);
        }
    }

    #[test]
    fn the_rest_excludes_the_file_itself() {
        let id = |n| FileId::from_uuid(Uuid::from_u128(n));
        let between = |first, last| Some((id(first).to_string(), id(last).to_string()));
        let after = Some(id(0x1_0000));
        assert_eq!(rest(Order::Newest, after), between(0, 0xffff));
        assert_eq!(rest(Order::Oldest, after), between(0x1_0001, u128::MAX));
        assert_eq!(rest(Order::Newest, Some(id(0))), None);
        assert_eq!(rest(Order::Oldest, Some(id(u128::MAX))), None);
    }
}
