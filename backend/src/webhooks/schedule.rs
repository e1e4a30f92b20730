//! When to try again.

use std::time::Duration;

use http::HeaderMap;
use jiff::{Timestamp, fmt::rfc2822};

use crate::ids::Random;

/// Pauses after each attempt that failed: those that Standard Webhooks suggests, about three days in
/// all.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// Longest that a receiver may ask for: no longer than we would pause ourselves.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// The pause after so many attempts, all of which failed; `None`: that was the last one.
///
/// A receiver that comes back after it was down must not get everything in one moment, so up to a
/// tenth is added by chance.
pub(super) fn pause(
    attempts: u32,
    retry_after: Option<Duration>,
    random: &dyn Random,
) -> Option<Duration> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let pause = PAUSES.get(index)?;
    let mut drawn = [0];
    random.fill(&mut drawn);
    let jitter = pause.mul_f64(f64::from(drawn[0]) / 2560.0);
    let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
    Some((*pause + jitter).max(asked))
}

/// `Retry-After` in either of its forms (RFC 9110, section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Duration::try_from(date.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Always(u8);

    impl Random for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn pauses_grow_over_three_days_and_end() {
        let pauses: Vec<Duration> = (1..)
            .map_while(|attempts| pause(attempts, None, &Always(0)))
            .collect();
        assert_eq!(pauses, PAUSES);
        assert!(pauses.is_sorted());
        let total: Duration = pauses.iter().sum();
        assert!(total > Duration::from_hours(72), "{total:?}");
        assert_eq!(pause(10, Some(Duration::from_secs(1)), &Always(0)), None);
    }

    #[test]
    fn chance_makes_a_pause_longer_by_a_tenth_at_most() {
        let shortest = pause(2, None, &Always(0)).unwrap();
        let longest = pause(2, None, &Always(255)).unwrap();
        assert_eq!(shortest, Duration::from_mins(5));
        assert!(longest > shortest && longest < shortest.mul_f64(1.1));
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_but_not_for_ever() {
        let asked = |pause: Duration| super::pause(1, Some(pause), &Always(0)).unwrap();
        assert_eq!(asked(Duration::from_mins(1)), Duration::from_mins(1));
        assert_eq!(asked(Duration::from_secs(1)), Duration::from_secs(5));
        assert_eq!(asked(Duration::MAX), LONGEST_RETRY_AFTER);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now: Timestamp = "2026-11-21T20:00:00Z".parse().unwrap();
        let read = |value: &'static str| {
            let value = http::HeaderValue::from_static(value);
            let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, value)]);
            retry_after(&headers, now)
        };
        assert_eq!(read("120"), Some(Duration::from_mins(2)));
        let in_an_hour = Some(Duration::from_hours(1));
        assert_eq!(read("Sat, 21 Nov 2026 21:00:00 GMT"), in_an_hour);
        for none in ["Sat, 21 Nov 2026 19:00:00 GMT", "-1", "soon", ""] {
            assert_eq!(read(none), None, "{none}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
