//! Slows down those who guess the password of one account.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

/// Failures that cost nothing: people mistype.
const FREE: u32 = 5;

const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// Failures are forgotten when there was none for so long.
const MEMORY: Duration = Duration::from_hours(1);

/// Names remembered at most; beyond it those whose failure is longest ago are forgotten.
const NAMES: usize = 100_000;

#[derive(Clone, Copy, Debug)]
struct Setback {
    failures: u32,
    last: Timestamp,
}

impl Setback {
    fn delay(&self) -> Duration {
        match self.failures.checked_sub(FREE) {
            None => Duration::ZERO,
            Some(beyond) => FIRST_DELAY
                .saturating_mul(1 << beyond.min(20))
                .min(LONGEST_DELAY),
        }
    }
}

/// Failed attempts by user name, whether or not there is such a user: the answer must not tell.
///
/// After five failures each further attempt has to wait, twice as long every time, up to 15
/// minutes. Never a lock-out: after the wait the right password works. Kept in memory: every
/// server counts for itself, and a restart forgets.
#[derive(Debug, Default)]
pub struct Setbacks {
    by_name: Mutex<HashMap<String, Setback>>,
}

impl Setbacks {
    /// How long an attempt still has to wait; zero: it may be made.
    pub fn wait(&self, name: &str, now: Timestamp) -> Duration {
        let by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(setback) = by_name.get(name) else {
            return Duration::ZERO;
        };
        let passed = now.duration_since(setback.last);
        setback
            .delay()
            .saturating_sub(Duration::try_from(passed).unwrap_or(Duration::ZERO))
    }

    pub fn failed(&self, name: &str, now: Timestamp) {
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        if by_name.len() >= NAMES && !by_name.contains_key(name) {
            make_room(&mut by_name, now);
        }
        let setback = by_name.entry(name.to_owned()).or_insert(Setback {
            failures: 0,
            last: now,
        });
        if is_forgotten(setback, now) {
            setback.failures = 0;
        }
        setback.failures = setback.failures.saturating_add(1);
        setback.last = now;
    }

    pub fn succeeded(&self, name: &str) {
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        by_name.remove(name);
    }
}

fn is_forgotten(setback: &Setback, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(setback.last)).is_ok_and(|age| age > MEMORY)
}

/// Forgets what is old, and else the older half: one pass per tens of thousands of new names.
fn make_room(by_name: &mut HashMap<String, Setback>, now: Timestamp) {
    by_name.retain(|_, setback| !is_forgotten(setback, now));
    if by_name.len() < NAMES {
        return;
    }
    let mut times: Vec<Timestamp> = by_name.values().map(|setback| setback.last).collect();
    let (_, middle, _) = times.select_nth_unstable(NAMES / 2);
    let middle = *middle;
    by_name.retain(|_, setback| setback.last > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + seconds).unwrap()
    }

    #[test]
    fn five_are_free_then_it_doubles_up_to_15_minutes() {
        let setbacks = Setbacks::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..18 {
            let wait = setbacks.wait("ada", at(now)).as_secs();
            waits.push(wait);
            now += i64::try_from(wait).unwrap();
            assert_eq!(setbacks.wait("ada", at(now)), Duration::ZERO);
            setbacks.failed("ada", at(now));
        }
        assert_eq!(
            waits,
            [
                0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900
            ]
        );
        assert_eq!(setbacks.wait("bob", at(now)), Duration::ZERO);
    }

    #[test]
    fn success_and_time_forgive() {
        let setbacks = Setbacks::default();
        for _ in 0..10 {
            setbacks.failed("ada", at(0));
            setbacks.failed("bob", at(0));
        }
        assert!(setbacks.wait("ada", at(0)) > Duration::ZERO);
        setbacks.succeeded("ada");
        assert_eq!(setbacks.wait("ada", at(0)), Duration::ZERO);
        setbacks.failed("bob", at(3601));
        assert_eq!(setbacks.wait("bob", at(3601)), Duration::ZERO);
    }

    #[test]
    fn memory_is_bounded() {
        let setbacks = Setbacks::default();
        for i in 0..NAMES + 10 {
            let second = i64::try_from(i / 1000).unwrap();
            setbacks.failed(&format!("u{i}"), at(second));
        }
        assert!(setbacks.by_name.lock().unwrap().len() <= NAMES);
    }
}
