//! Where the next page of a list begins: the id of the last thing on the page before, and the order in
//! which it came. Opaque to clients, so that what it means can change.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use platen_api_types::Order;
use uuid::Uuid;

/// First byte of a cursor: what the rest means.
const fn kind(order: Order) -> u8 {
    match order {
        Order::Newest => 1,
        Order::Oldest => 2,
    }
}

pub(super) fn write(order: Order, last: &Uuid) -> String {
    let mut bytes = vec![kind(order)];
    bytes.extend(last.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `None` also for a cursor of another order: nobody meant the place that it would be there.
pub(super) fn read(order: Order, cursor: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (found, id) = bytes.split_first()?;
    let id = Uuid::from_slice(id).ok()?;
    (*found == kind(order)).then_some(id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back_in_its_own_order(bits in any::<u128>()) {
            let id = Uuid::from_u128(bits);
            for &order in Order::ALL {
                for &asked in Order::ALL {
                    let expected = (asked == order).then_some(id);
                    prop_assert_eq!(read(asked, &write(order, &id)), expected);
                }
            }
        }

        #[test]
        fn no_cursor_is_too_strange(text in ".{0,60}") {
            let _ = read(Order::Newest, &text);
        }
    }
}
