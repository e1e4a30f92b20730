//! Who may draw next.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use platen_api_types::UserId;
use tokio::sync::oneshot;

/// Pictures drawn at a time. Each may take a core and some 256 MiB.
const PLACES: usize = 2;

/// Places that one user may have: others always find one that is not theirs.
const PLACES_OF_ONE: usize = 1;

/// Pictures of one user that may wait: a page of the library, and the next.
const WAITING_OF_ONE: usize = 100;

/// Pictures that may wait in all.
const WAITING: usize = 500;

/// Too many wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many pictures wait to be drawn")]
pub struct Busy;

/// Places to draw in, and the line before them. Users take turns, however many pictures each of
/// them wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    drawing: HashMap<UserId, usize>,
    /// Users in the order of their turns, each with what waits, oldest first.
    waiting: VecDeque<(UserId, VecDeque<oneshot::Sender<Turn>>)>,
}

/// The right to draw one picture; ends when dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Turns,
    user: UserId,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.end(self.user);
    }
}

impl Turns {
    /// Waits for a place.
    pub(crate) async fn take(&self, user: UserId) -> Result<Turn, Busy> {
        let turn = {
            let mut state = self.lock();
            if state.has_place_for(user) {
                state.enter(user);
                return Ok(self.turn(user));
            }
            state.join_line(user)?
        };
        // The other end is kept until there is a turn to send.
        turn.await.map_err(|_| Busy)
    }

    fn end(&self, user: UserId) {
        self.lock().leave(user);
        // Without the lock: who has stopped waiting at this very moment hands the turn back here.
        loop {
            let Some((user, waiting)) = self.lock().next() else {
                return;
            };
            waiting.send(self.turn(user)).ok();
        }
    }

    fn turn(&self, user: UserId) -> Turn {
        let turns = self.clone();
        Turn { turns, user }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_place_for(&self, user: UserId) -> bool {
        let own = self.drawing.get(&user).copied().unwrap_or(0);
        own < PLACES_OF_ONE && self.drawing.values().sum::<usize>() < PLACES
    }

    fn enter(&mut self, user: UserId) {
        *self.drawing.entry(user).or_default() += 1;
    }

    fn leave(&mut self, user: UserId) {
        if let Some(own) = self.drawing.get_mut(&user) {
            *own -= 1;
            if *own == 0 {
                self.drawing.remove(&user);
            }
        }
    }

    fn join_line(&mut self, user: UserId) -> Result<oneshot::Receiver<Turn>, Busy> {
        self.forget_those_who_left();
        let all: usize = self.waiting.iter().map(|(_, own)| own.len()).sum();
        let place = self.waiting.iter().position(|(other, _)| *other == user);
        let own = place.map_or(0, |place| self.waiting[place].1.len());
        if all >= WAITING || own >= WAITING_OF_ONE {
            return Err(Busy);
        }
        let (sender, receiver) = oneshot::channel();
        match place {
            Some(place) => self.waiting[place].1.push_back(sender),
            None => self.waiting.push_back((user, VecDeque::from([sender]))),
        }
        Ok(receiver)
    }

    fn forget_those_who_left(&mut self) {
        for (_, own) in &mut self.waiting {
            own.retain(|waiting| !waiting.is_closed());
        }
        self.waiting.retain(|(_, own)| !own.is_empty());
    }

    /// Gives a place to the first who may have one. Its user goes to the end of the line.
    fn next(&mut self) -> Option<(UserId, oneshot::Sender<Turn>)> {
        self.forget_those_who_left();
        let place =
            (0..self.waiting.len()).find(|place| self.has_place_for(self.waiting[*place].0))?;
        let (user, mut own) = self.waiting.remove(place)?;
        let first = own.pop_front()?;
        if !own.is_empty() {
            self.waiting.push_back((user, own));
        }
        self.enter(user);
        Some((user, first))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn user(number: u128) -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn one_user_leaves_a_place_to_others() {
        let turns = Turns::default();
        let first = turns.take(user(1)).await.unwrap();
        let mut second = Box::pin(turns.take(user(1)));
        assert!((&mut second).now_or_never().is_none());
        let other = turns.take(user(2)).now_or_never().unwrap().unwrap();
        let mut third = Box::pin(turns.take(user(3)));
        assert!((&mut third).now_or_never().is_none());
        drop(first);
        // The one who came first, and only that one.
        let second = second.now_or_never().unwrap().unwrap();
        assert!((&mut third).now_or_never().is_none());
        drop(other);
        third.now_or_never().unwrap().unwrap();
        drop(second);
        assert!(turns.lock().drawing.is_empty());
    }

    #[tokio::test]
    async fn users_take_turns_whoever_wants_more() {
        let turns = Turns::default();
        let (one, two) = (turns.take(user(1)).await, turns.take(user(2)).await);
        let mut greedy: Vec<_> = (0..50).map(|_| Box::pin(turns.take(user(1)))).collect();
        for waiting in &mut greedy {
            assert!(waiting.now_or_never().is_none());
        }
        let mut modest = Box::pin(turns.take(user(3)));
        assert!((&mut modest).now_or_never().is_none());
        drop(one);
        let drawing = greedy.remove(0).now_or_never().unwrap();
        assert!((&mut modest).now_or_never().is_none());
        drop(drawing);
        let modest = modest.now_or_never().unwrap().unwrap();
        drop((two, modest));
    }

    #[tokio::test]
    async fn those_who_leave_hold_nobody_up() {
        let turns = Turns::default();
        let (one, two) = (turns.take(user(1)).await, turns.take(user(2)).await);
        let mut left: Vec<_> = (0..WAITING_OF_ONE)
            .map(|_| Box::pin(turns.take(user(1))))
            .collect();
        for waiting in &mut left {
            assert!(waiting.now_or_never().is_none());
        }
        assert_eq!(
            turns.take(user(1)).now_or_never().unwrap().unwrap_err(),
            Busy
        );
        // The last one has its turn already when it leaves.
        let last = left.pop().unwrap();
        left.clear();
        drop(one);
        drop(last);
        drop(two);
        let again = turns.take(user(1)).now_or_never().unwrap();
        assert!(again.is_ok());
        assert!(turns.lock().waiting.is_empty());
    }

    #[tokio::test]
    async fn the_line_has_an_end() {
        let turns = Turns::default();
        let drawing = (turns.take(user(1)).await, turns.take(user(2)).await);
        let mut waiting = Vec::new();
        for number in 0..WAITING as u128 {
            let mut one = Box::pin(turns.take(user(3 + number)));
            assert!((&mut one).now_or_never().is_none());
            waiting.push(one);
        }
        assert!(matches!(
            turns.take(user(1)).now_or_never(),
            Some(Err(Busy))
        ));
        drop(drawing);
    }
}
