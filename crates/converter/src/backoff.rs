//! How long to wait before the next attempt.

use std::time::Duration;

use platen_pipeline::FileKey;

/// Doubles from `first` with every attempt after the first, up to `longest`, and takes between
/// half and all of that.
///
/// Where in between is drawn from the file's id, whose end is random: files that failed together
/// come back apart, and the same file always waits the same.
pub(crate) fn backoff(first: Duration, longest: Duration, attempt: u32, key: FileKey) -> Duration {
    let doublings = attempt.saturating_sub(1).min(31);
    let full = first
        .checked_mul(1 << doublings)
        .map_or(longest, |wait| wait.min(longest));
    // Another part of the id for every attempt.
    let drawn = key.file.as_uuid().as_u128().rotate_right(attempt % 48) & 0xffff;
    let part = u32::try_from(drawn).unwrap_or_default();
    (full / 2).saturating_add((full / 2).mul_f64(f64::from(part) / f64::from(0xffff_u32)))
}

#[cfg(test)]
mod tests {
    use platen_pipeline::contract::ids;

    use super::*;

    fn key() -> FileKey {
        let (user, file) = ids();
        FileKey { user, file }
    }

    #[test]
    fn grows_up_to_the_longest() {
        let (first, longest) = (Duration::from_secs(2), Duration::from_mins(1));
        let key = key();
        for (attempt, full) in [
            (0, 2),
            (1, 2),
            (2, 4),
            (3, 8),
            (5, 32),
            (6, 60),
            (u32::MAX, 60),
        ] {
            let wait = backoff(first, longest, attempt, key);
            let full = Duration::from_secs(full);
            assert!(wait >= full / 2 && wait <= full, "{attempt}: {wait:?}");
        }
        let endless = backoff(Duration::MAX, Duration::MAX, 3, key);
        assert!(endless >= Duration::MAX / 2);
    }

    #[test]
    fn files_come_back_apart() {
        let (first, longest) = (Duration::from_secs(2), Duration::from_mins(1));
        let mut waits: Vec<_> = (0..100)
            .map(|_| backoff(first, longest, 3, key()))
            .collect();
        waits.sort_unstable();
        waits.dedup();
        assert!(waits.len() > 90, "{} different waits", waits.len());
    }
}
