use std::time::Duration;

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(30);

/// How long to wait before try number `attempt`, counted from 0. Doubles up to half a minute.
///
/// `chance` in `0.0..1.0` spreads clients that all lost the server at the same moment over the
/// second half of the wait.
pub fn backoff(attempt: u32, chance: f64) -> Duration {
    let full = FIRST
        .saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX))
        .min(LONGEST);
    full.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_and_stops_at_the_longest() {
        let waits: Vec<_> = (0..6).map(|n| backoff(n, 1.0).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 30, 30]);
        assert_eq!(backoff(u32::MAX, 1.0), LONGEST);
    }

    #[test]
    fn spreads_over_the_second_half() {
        assert_eq!(backoff(0, 0.0), Duration::from_secs(1));
        assert_eq!(backoff(0, 0.5), Duration::from_millis(1500));
        assert_eq!(backoff(0, f64::INFINITY), FIRST);
    }
}
