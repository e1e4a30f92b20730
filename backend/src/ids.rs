//! Makes ids, from an injected clock and injected randomness.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use platen_api_types::{DeliveryId, FileId, KeyId, SessionId, UserId, WebhookId};
use platen_pipeline::Clock;
use rand::Rng as _;
use uuid::{Builder, Uuid};

/// A source of unpredictable bytes.
pub trait Random: fmt::Debug + Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// The generator of `rand`, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// Makes ids that nobody can guess.
#[derive(Clone, Debug)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Ids {
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    pub fn user(&self) -> UserId {
        UserId::from_uuid(self.v4())
    }

    pub fn session(&self) -> SessionId {
        SessionId::from_uuid(self.v4())
    }

    pub fn key(&self) -> KeyId {
        KeyId::from_uuid(self.v7())
    }

    pub fn webhook(&self) -> WebhookId {
        WebhookId::from_uuid(self.v7())
    }

    pub fn delivery(&self) -> DeliveryId {
        DeliveryId::from_uuid(self.v7())
    }

    /// A text that nobody guesses: 256 bits, as base64url.
    pub fn secret(&self) -> String {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub fn file(&self) -> FileId {
        FileId::from_uuid(self.v7())
    }

    /// Id of this process among the servers that share a database.
    pub fn server(&self) -> Uuid {
        self.v4()
    }

    /// Id of an HTTP request, for logs.
    pub fn request(&self) -> Uuid {
        self.v7()
    }

    fn v4(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Sorts by time of making, to 1/4096 of a millisecond (RFC 9562, section 6.2, method 3).
    fn v7(&self) -> Uuid {
        let nanos = self.clock.now().as_nanosecond().max(0).unsigned_abs();
        let millis = u64::try_from(nanos / 1_000_000).unwrap_or(u64::MAX);
        // Below 4096 by construction: nanoseconds within a millisecond, scaled.
        let fraction = u16::try_from(nanos % 1_000_000 * 4096 / 1_000_000).unwrap_or(0);
        let mut bytes = [0; 10];
        self.random.fill(&mut bytes);
        bytes[..2].copy_from_slice(&fraction.to_be_bytes());
        Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[derive(Debug)]
    struct At(i128);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_nanosecond(self.0).unwrap()
        }
    }

    fn file_at(nanos: i128) -> Uuid {
        let ids = Ids::new(Arc::new(At(nanos)), Arc::new(SystemRandom));
        *ids.file().as_uuid()
    }

    #[test]
    fn files_sort_by_time_within_a_millisecond() {
        let start = 1_750_000_000_000_000_000;
        let ids: Vec<Uuid> = (0..1000).map(|i| file_at(start + i * 1_000)).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn a_clock_before_1970_is_no_reason_to_panic() {
        assert_eq!(file_at(-1).get_version_num(), 7);
    }

    #[test]
    fn ids_differ_at_one_moment() {
        assert_ne!(file_at(1), file_at(1));
    }
}
