//! How often one address may try.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use super::error::ApiError;

static POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// Addresses remembered at most per limit.
const ADDRESSES: usize = 100_000;

/// The limits of this server. Kept in memory: every server counts for itself.
#[derive(Debug)]
pub struct Rates {
    /// Accounts made.
    pub sign_up: RateLimit,
    /// Attempts to make one, which tell whether a name is taken.
    pub sign_up_attempt: RateLimit,
    pub sign_in: RateLimit,
}

impl Rates {
    pub fn new(sign_ups_per_hour: u32, sign_ins_per_minute: u32) -> Self {
        const HOUR: Duration = Duration::from_hours(1);
        const MINUTE: Duration = Duration::from_mins(1);
        Self {
            sign_up: RateLimit::new("sign-up", sign_ups_per_hour, HOUR),
            sign_up_attempt: RateLimit::new("sign-up-attempt", sign_ins_per_minute, MINUTE),
            sign_in: RateLimit::new("sign-in", sign_ins_per_minute, MINUTE),
        }
    }
}

/// So many per window and address, refilled evenly: the generic cell rate algorithm, which needs
/// one time per address.
#[derive(Debug)]
pub struct RateLimit {
    name: &'static str,
    quota: u32,
    window: Duration,
    /// When the address will have used nothing any more.
    free_at: Mutex<HashMap<IpAddr, Timestamp>>,
}

/// How an address stands after it was counted.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    name: &'static str,
    quota: u32,
    /// `None`: the limit is on how much there may be at a time.
    window: Option<Duration>,
    remaining: u32,
    /// Until one more is possible.
    reset: Duration,
}

impl RateLimit {
    pub fn new(name: &'static str, quota: u32, window: Duration) -> Self {
        Self {
            name,
            quota: quota.max(1),
            window,
            free_at: Mutex::default(),
        }
    }

    /// Counts one, or refuses it.
    pub fn take(&self, address: IpAddr, now: Timestamp) -> Result<Standing, ApiError> {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if free_at.len() >= ADDRESSES {
            free_at.retain(|_, free| *free > now);
            // Full of addresses that all are counting: forget them rather than grow.
            if free_at.len() >= ADDRESSES {
                free_at.clear();
            }
        }
        let key = key_of(address);
        let free = free_at.get(&key).copied().unwrap_or(now).max(now);
        let used = unsigned(free.duration_since(now));
        if used + self.interval() > self.window {
            let wait = (used + self.interval()).saturating_sub(self.window);
            return Err(self.refusal(wait));
        }
        let used = used + self.interval();
        free_at.insert(key, after(now, used));
        Ok(self.standing(used))
    }

    /// Takes back what was counted.
    pub fn give_back(&self, address: IpAddr) {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(free) = free_at.get_mut(&key_of(address)) {
            *free = free
                .checked_sub(signed(self.interval()))
                .unwrap_or(Timestamp::MIN);
        }
    }

    fn interval(&self) -> Duration {
        self.window / self.quota
    }

    fn standing(&self, used: Duration) -> Standing {
        let left = self.window.saturating_sub(used);
        let remaining = left.as_nanos() / self.interval().as_nanos().max(1);
        let remaining = u32::try_from(remaining).unwrap_or(self.quota);
        let next = self.interval() * (remaining + 1);
        Standing {
            name: self.name,
            quota: self.quota,
            window: Some(self.window),
            remaining,
            reset: next.saturating_sub(left),
        }
    }

    fn refusal(&self, wait: Duration) -> ApiError {
        ApiError::rate_limited(
            "There were too many requests from your network address. Wait, then try again.",
            Standing::spent(self.name, self.quota, Some(self.window), wait),
        )
    }
}

impl Standing {
    /// Of someone who has to wait.
    pub fn spent(
        name: &'static str,
        quota: u32,
        window: Option<Duration>,
        reset: Duration,
    ) -> Self {
        Self {
            name,
            quota,
            window,
            remaining: 0,
            reset,
        }
    }

    /// Until one more is possible.
    pub fn reset(&self) -> Duration {
        self.reset
    }

    /// `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), unless an answer
    /// has them already: of the limit that it was refused for.
    pub fn write(&self, headers: &mut HeaderMap) {
        let seconds = self.reset.as_secs() + u64::from(self.reset.subsec_nanos() > 0);
        let window = self.window.map(|window| format!(";w={}", window.as_secs()));
        let window = window.unwrap_or_default();
        let policy = format!("\"{}\";q={}{window}", self.name, self.quota);
        let standing = format!("\"{}\";r={};t={seconds}", self.name, self.remaining);
        for (name, text) in [(&POLICY, policy), (&STANDING, standing)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.entry(name).or_insert(value);
            }
        }
    }
}

/// A customer has an IPv6 /64 and may change addresses within it at will.
fn key_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn unsigned(span: SignedDuration) -> Duration {
    Duration::try_from(span).unwrap_or(Duration::ZERO)
}

fn signed(span: Duration) -> SignedDuration {
    SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX)
}

fn after(now: Timestamp, span: Duration) -> Timestamp {
    now.checked_add(signed(span)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + seconds).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn limit() -> RateLimit {
        RateLimit::new("test", 3, Duration::from_hours(1))
    }

    #[test]
    fn three_at_once_then_one_every_twenty_minutes() {
        let limit = limit();
        let take = |second| limit.take(ip("192.0.2.1"), at(second));
        let standings: Vec<(u32, u64)> = (0..3)
            .map(|_| take(0).map(|s| (s.remaining, s.reset.as_secs())).unwrap())
            .collect();
        assert_eq!(standings, [(2, 1200), (1, 1200), (0, 1200)]);
        assert!(take(0).is_err());
        assert!(take(1199).is_err());
        assert!(take(1200).is_ok());
        assert!(take(1200).is_err());
        assert!(limit.take(ip("192.0.2.2"), at(0)).is_ok());
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let limit = limit();
        for _ in 0..10 {
            limit.take(ip("192.0.2.1"), at(0)).unwrap();
            limit.give_back(ip("192.0.2.1"));
        }
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let limit = limit();
        for i in 0..3 {
            limit.take(ip(&format!("2001:db8::{i}")), at(0)).unwrap();
        }
        assert!(limit.take(ip("2001:db8::9"), at(0)).is_err());
        assert!(limit.take(ip("2001:db8:0:1::9"), at(0)).is_ok());
        assert!(limit.take(ip("::ffff:192.0.2.1"), at(0)).is_ok());
        for _ in 0..2 {
            limit.take(ip("192.0.2.1"), at(0)).unwrap();
        }
        assert!(limit.take(ip("192.0.2.1"), at(0)).is_err());
    }

    #[test]
    fn a_clock_that_steps_back_locks_nobody_out_for_long() {
        let limit = limit();
        limit.take(ip("192.0.2.1"), at(600)).unwrap();
        assert!(limit.take(ip("192.0.2.1"), at(0)).is_ok());
    }

    #[test]
    fn headers_say_how_one_stands() {
        let mut headers = HeaderMap::new();
        let standing = limit().take(ip("192.0.2.1"), at(0)).unwrap();
        standing.write(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"test\";q=3;w=3600");
        assert_eq!(headers["ratelimit"], "\"test\";r=2;t=1200");
    }
}
