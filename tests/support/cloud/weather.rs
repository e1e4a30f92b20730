//! What requests meet on their way, drawn from a seed.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The service says that it is too busy, and does nothing.
    Overloaded,
    /// The service answers 500, and does nothing.
    Broken,
    /// The request waits on its way, so that later ones overtake it.
    Late(Duration),
    /// The connection ends, and the service never knew.
    RequestLost,
    /// The service does as told, and the connection ends.
    AnswerLost,
    /// The request arrives two times.
    Twice,
}

/// How bad it is, and what comes next.
#[derive(Debug)]
pub struct Weather {
    random: StdRng,
    /// Of this many requests, one meets a fault; none when 0.
    one_in: u32,
}

impl Weather {
    /// Nothing happens.
    pub fn fair() -> Self {
        Self::storm(0, 0)
    }

    /// One request in `one_in` meets a fault.
    pub fn storm(seed: u64, one_in: u32) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            one_in,
        }
    }

    pub(super) fn next(&mut self) -> Option<Fault> {
        if self.one_in == 0 || !self.random.random_ratio(1, self.one_in) {
            return None;
        }
        Some(match self.random.random_range(0..6) {
            0 => Fault::Overloaded,
            1 => Fault::Broken,
            2 => Fault::Late(Duration::from_millis(self.random.random_range(20..800))),
            3 => Fault::RequestLost,
            4 => Fault::AnswerLost,
            _ => Fault::Twice,
        })
    }
}
