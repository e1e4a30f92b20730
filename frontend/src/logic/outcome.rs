//! What became of the addresses that a person sent, line by line.

use std::{collections::BTreeMap, sync::Arc};

use platen_api_types::File;

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Accepted(Arc<File>),
    /// The library has the page already, as this file. It was not sent.
    Known(Arc<File>),
    /// It is the same as a line above, whose file it shares if that got one. It was not sent.
    Repeated(Option<Arc<File>>),
    /// Why it was not accepted.
    Refused(String),
}

/// An address and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub address: String,
    pub outcome: Outcome,
}

/// How often each outcome came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub accepted: u64,
    pub known: u64,
    pub repeated: u64,
    pub refused: u64,
}

impl Tally {
    pub fn of(lines: &[Line]) -> Self {
        let mut tally = Self::default();
        for line in lines {
            *match line.outcome {
                Outcome::Accepted(_) => &mut tally.accepted,
                Outcome::Known(_) => &mut tally.known,
                Outcome::Repeated(_) => &mut tally.repeated,
                Outcome::Refused(_) => &mut tally.refused,
            } += 1;
        }
        tally
    }

    /// Everything went as asked: there is nothing to tell that the rows do not show.
    pub const fn is_plain(self) -> bool {
        self.known == 0 && self.repeated == 0 && self.refused == 0
    }
}

/// Addresses sorted into those to send and those that need no sending.
#[derive(Debug, Default)]
pub struct Plan {
    /// Each once, in order.
    pub send: Vec<String>,
    /// For each line, the address it is decided by.
    lines: Vec<(String, Fate)>,
}

#[derive(Debug)]
enum Fate {
    Sent(usize),
    Known(Arc<File>),
    Repeated(usize),
}

impl Plan {
    /// `normal` writes an address as the API does; `saved` are files by such addresses.
    pub fn new(
        addresses: Vec<String>,
        normal: impl Fn(&str) -> String,
        saved: &BTreeMap<String, Arc<File>>,
    ) -> Self {
        let mut plan = Self::default();
        let mut first = BTreeMap::new();
        for (line, address) in addresses.into_iter().enumerate() {
            let key = normal(&address);
            let fate = if let Some(earlier) = first.get(&key) {
                Fate::Repeated(*earlier)
            } else if let Some(file) = saved.get(&key) {
                Fate::Known(Arc::clone(file))
            } else {
                plan.send.push(address.clone());
                Fate::Sent(plan.send.len() - 1)
            };
            first.entry(key).or_insert(line);
            plan.lines.push((address, fate));
        }
        plan
    }

    /// The lines, once it is known what became of each address that was sent.
    pub fn settle(self, answers: &[Result<Arc<File>, String>]) -> Vec<Line> {
        let mut settled: Vec<Line> = Vec::new();
        for (address, fate) in self.lines {
            let outcome = match fate {
                Fate::Sent(at) => match answers.get(at) {
                    Some(Ok(file)) => Outcome::Accepted(Arc::clone(file)),
                    Some(Err(why)) => Outcome::Refused(why.clone()),
                    None => Outcome::Refused(String::new()),
                },
                Fate::Known(file) => Outcome::Known(file),
                Fate::Repeated(line) => Outcome::Repeated(match &settled[line].outcome {
                    Outcome::Accepted(file) | Outcome::Known(file) => Some(Arc::clone(file)),
                    Outcome::Repeated(_) | Outcome::Refused(_) => None,
                }),
            };
            settled.push(Line { address, outcome });
        }
        settled
    }
}

#[cfg(test)]
mod tests {
    use platen_api_types::FileStatus;

    use super::*;
    use crate::logic::library::tests::file;

    #[test]
    fn sends_what_is_new_once_and_tells_of_every_line() {
        let known = Arc::new(file(1, FileStatus::Ready));
        let saved = BTreeMap::from([("b".to_owned(), Arc::clone(&known))]);
        let lines = ["A", "b", "a", "c", "B", "C"].map(str::to_owned).to_vec();
        let plan = Plan::new(lines, str::to_lowercase, &saved);
        assert_eq!(plan.send, ["A", "c"]);

        let new = Arc::new(file(2, FileStatus::Queued));
        let lines = plan.settle(&[Ok(Arc::clone(&new)), Err("no".to_owned())]);
        let outcomes: Vec<_> = lines.iter().map(|line| line.outcome.clone()).collect();
        assert_eq!(
            outcomes,
            [
                Outcome::Accepted(Arc::clone(&new)),
                Outcome::Known(Arc::clone(&known)),
                Outcome::Repeated(Some(new)),
                Outcome::Refused("no".to_owned()),
                Outcome::Repeated(Some(known)),
                Outcome::Repeated(None),
            ]
        );
        let tally = Tally {
            accepted: 1,
            known: 1,
            repeated: 3,
            refused: 1,
        };
        assert_eq!(Tally::of(&lines), tally);
        assert!(!tally.is_plain());
        assert!(Tally::of(&lines[..1]).is_plain());
    }
}
