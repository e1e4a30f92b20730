//! How much of something is used up, and for how long something lasts.

use jiff::Timestamp;

/// The part of `limit` that is used, in thousandths. Something shows as soon as there is something.
pub fn permille(used: u64, limit: u64) -> u64 {
    if used == 0 {
        return 0;
    }
    let part = u128::from(used) * 1000 / u128::from(limit.max(1));
    u64::try_from(part.clamp(1, 1000)).unwrap_or(1000)
}

/// The moment so many days from `now`.
pub fn in_days(now: Timestamp, days: u16) -> Option<Timestamp> {
    const DAY: i64 = 24 * 60 * 60;
    Timestamp::from_second(now.as_second() + i64::from(days) * DAY).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_lies_within_the_whole() {
        for (used, limit, part) in [
            (0, 10_000, 0),
            (1, 10_000, 1),
            (5_000, 10_000, 500),
            (10_000, 10_000, 1000),
            (12, 10, 1000),
            (3, 0, 1000),
            (u64::MAX, u64::MAX, 1000),
        ] {
            assert_eq!(permille(used, limit), part, "{used} of {limit}");
        }
    }

    #[test]
    fn days_have_24_hours() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        assert_eq!(in_days(now, 0), Some(now));
        let later = in_days(now, 90).unwrap();
        assert_eq!(later.as_second() - now.as_second(), 7_776_000);
    }
}
