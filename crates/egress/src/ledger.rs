//! What a job has used and what it was refused.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::destination::Destination;
use crate::verdict::{Refusal, Verdict};

/// Destinations whose last verdict is kept. A page may ask for any number of hosts; the renderer
/// asks about the one that its main document just failed on.
const REMEMBERED: usize = 256;

/// The account of one job, shared by all its connections.
#[derive(Debug)]
pub(crate) struct Ledger {
    limit: u64,
    down: AtomicU64,
    up: AtomicU64,
    connections: AtomicU64,
    refused: AtomicU64,
    refusals: Mutex<VecDeque<Refusal>>,
    spent: CancellationToken,
}

/// The job has no bytes left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the job's byte budget is spent")]
pub(crate) struct Spent;

impl Ledger {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            down: AtomicU64::new(0),
            up: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            refusals: Mutex::default(),
            spent: CancellationToken::new(),
        }
    }

    pub(crate) fn charge_down(&self, bytes: usize) -> Result<(), Spent> {
        self.down.fetch_add(bytes as u64, Relaxed);
        self.settle()
    }

    pub(crate) fn charge_up(&self, bytes: usize) -> Result<(), Spent> {
        self.up.fetch_add(bytes as u64, Relaxed);
        self.settle()
    }

    fn settle(&self) -> Result<(), Spent> {
        if self.bytes_down().saturating_add(self.bytes_up()) > self.limit {
            self.spent.cancel();
        }
        self.check()
    }

    /// Once spent, always spent: a job does not recover.
    pub(crate) fn check(&self) -> Result<(), Spent> {
        if self.spent.is_cancelled() {
            Err(Spent)
        } else {
            Ok(())
        }
    }

    pub(crate) fn spent(&self) -> &CancellationToken {
        &self.spent
    }

    /// Notes a connection that was made. What was said of the destination before no longer holds.
    pub(crate) fn reached(&self, destination: &Destination) {
        self.connections.fetch_add(1, Relaxed);
        self.refusals()
            .retain(|refusal| refusal.destination != *destination);
    }

    pub(crate) fn refuse(&self, destination: Destination, verdict: Verdict) {
        self.refused.fetch_add(1, Relaxed);
        let mut refusals = self.refusals();
        refusals.retain(|refusal| refusal.destination != destination);
        if refusals.len() == REMEMBERED {
            refusals.pop_front();
        }
        refusals.push_back(Refusal {
            destination,
            verdict,
        });
    }

    pub(crate) fn verdict_for(&self, destination: &Destination) -> Option<Verdict> {
        self.refusals()
            .iter()
            .find(|refusal| refusal.destination == *destination)
            .map(|refusal| refusal.verdict)
    }

    pub(crate) fn remembered(&self) -> Vec<Refusal> {
        self.refusals().iter().cloned().collect()
    }

    pub(crate) fn bytes_down(&self) -> u64 {
        self.down.load(Relaxed)
    }

    pub(crate) fn bytes_up(&self) -> u64 {
        self.up.load(Relaxed)
    }

    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// The list is whole between any two statements, so a panic elsewhere does not spoil it.
    fn refusals(&self) -> MutexGuard<'_, VecDeque<Refusal>> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(host: &str) -> Destination {
        Destination::parse(host, 80).unwrap()
    }

    #[test]
    fn the_budget_counts_both_ways_and_ends_for_good() {
        let ledger = Ledger::new(10);
        assert_eq!(ledger.charge_down(6), Ok(()));
        assert_eq!(ledger.charge_up(4), Ok(()));
        assert_eq!(ledger.charge_down(1), Err(Spent));
        assert_eq!(ledger.check(), Err(Spent));
        assert!(ledger.spent().is_cancelled());
        assert_eq!((ledger.bytes_down(), ledger.bytes_up()), (7, 4));
    }

    #[test]
    fn a_verdict_lasts_until_the_destination_is_reached() {
        let ledger = Ledger::new(10);
        ledger.refuse(place("a.com"), Verdict::DnsFailure);
        ledger.refuse(place("a.com"), Verdict::ConnectFailed);
        assert_eq!(
            ledger.verdict_for(&place("a.com")),
            Some(Verdict::ConnectFailed)
        );
        assert_eq!(ledger.remembered().len(), 1);
        ledger.reached(&place("a.com"));
        assert_eq!(ledger.verdict_for(&place("a.com")), None);
        assert_eq!((ledger.refused(), ledger.connections()), (2, 1));
    }

    #[test]
    fn the_memory_of_refusals_is_bounded_and_keeps_the_latest() {
        let ledger = Ledger::new(10);
        for index in 0..=REMEMBERED {
            ledger.refuse(place(&format!("h{index}.com")), Verdict::Blocked);
        }
        assert_eq!(ledger.remembered().len(), REMEMBERED);
        assert_eq!(ledger.verdict_for(&place("h0.com")), None);
        let last = place(&format!("h{REMEMBERED}.com"));
        assert_eq!(ledger.verdict_for(&last), Some(Verdict::Blocked));
    }
}
