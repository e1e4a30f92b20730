//! Pauses between tries.

use std::time::Duration;

use platen_api_types::FileId;
use platen_pipeline::IndexError;

const FIRST: Duration = Duration::from_millis(4);
const LONGEST: Duration = Duration::from_millis(250);
/// With the pauses above, about five seconds.
const TRIES: u32 = 40;

/// Others kept writing what this call wanted to write.
#[derive(Debug, thiserror::Error)]
#[error("gave up after {TRIES} tries: the user's files are being written all the time")]
struct Contended;

/// Pauses that double up to a limit, each somewhere between its half and its whole.
pub(super) struct Backoff {
    /// Ids are random, so those who compete for the same user pause differently long.
    seed: u64,
    tries: u32,
}

impl Backoff {
    pub(super) fn new(file: FileId) -> Self {
        let (high, low) = file.as_uuid().as_u64_pair();
        Self {
            seed: high ^ low,
            tries: 0,
        }
    }

    /// Waits, unless it has been tried often enough.
    pub(super) async fn pause(&mut self) -> Result<(), IndexError> {
        match self.next() {
            Some(pause) => {
                tokio::time::sleep(pause).await;
                Ok(())
            }
            None => Err(IndexError::Unavailable(Contended.into())),
        }
    }

    fn next(&mut self) -> Option<Duration> {
        self.tries += 1;
        if self.tries >= TRIES {
            return None;
        }
        let whole = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        // Fibonacci hashing: neighbouring inputs give unlike high bits.
        let hash = (self.seed ^ u64::from(self.tries)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let jitter = u32::try_from(hash >> 40).unwrap_or(0);
        let half = whole / 2;
        Some(half + half.mul_f64(f64::from(jitter) / f64::from(1 << 24)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_end() {
        let mut backoff = Backoff::new("0198c0de-0000-7000-8000-00123456789a".parse().unwrap());
        let pauses: Vec<_> = std::iter::from_fn(|| backoff.next()).collect();
        assert_eq!(pauses.len(), 39);
        assert!(pauses[0] < FIRST * 2 && pauses[38] >= LONGEST / 2);
        assert!(pauses.iter().all(|pause| (FIRST..=LONGEST).contains(pause)));
        let total: Duration = pauses.iter().sum();
        assert!(total < Duration::from_secs(10), "{total:?}");
    }
}
