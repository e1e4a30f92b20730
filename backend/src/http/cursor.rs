//! Where the next page of a list begins: the id of the last thing on the page before. Opaque to
//! clients, so that what it means can change.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// First byte of a cursor: what the rest means.
const VERSION: u8 = 1;

pub(super) fn write(last: &Uuid) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend(last.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn read(cursor: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (version, id) = bytes.split_first()?;
    let id = Uuid::from_slice(id).ok()?;
    (*version == VERSION).then_some(id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back(bits in any::<u128>()) {
            let id = Uuid::from_u128(bits);
            prop_assert_eq!(read(&write(&id)), Some(id));
        }

        #[test]
        fn no_cursor_is_too_strange(text in ".{0,60}") {
            let _ = read(&text);
        }
    }
}
