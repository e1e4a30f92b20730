use leptos::prelude::*;

use super::Session;
use crate::{app::device, logic::CallError};

/// What the server was asked for: on its way, here, or not to be had.
pub struct Answer<T: 'static> {
    value: RwSignal<Option<T>>,
    failure: RwSignal<Option<CallError>>,
    session: Session,
}

impl<T: 'static> Clone for Answer<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for Answer<T> {}

impl<T: Clone + PartialEq + Send + Sync> Answer<T> {
    pub fn new(session: Session) -> Self {
        Self {
            value: RwSignal::new(None),
            failure: RwSignal::new(None),
            session,
        }
    }

    pub fn get(self) -> Option<T> {
        self.value.get()
    }

    pub fn get_untracked(self) -> Option<T> {
        self.value.try_get_untracked().flatten()
    }

    /// There is nothing to show yet.
    pub fn is_waiting(self) -> bool {
        self.value.with(Option::is_none)
    }

    /// Why what is shown is missing or out of date.
    pub fn failure(self) -> Option<CallError> {
        self.failure.get()
    }

    /// Nothing is shown until the next answer.
    pub fn clear(self) {
        self.value.try_set(None);
        self.failure.try_set(None);
    }

    /// Takes an answer. One that says the same as before changes nothing on the page, and one that
    /// comes when the screen has gone goes nowhere.
    pub fn take(self, answer: Result<T, CallError>) {
        match answer {
            Ok(value) => {
                self.failure.try_set(None);
                if self.get_untracked().as_ref() != Some(&value) {
                    device::keeping_focus(|| self.value.try_set(Some(value)));
                }
            }
            Err(error) if self.session.ends_with(&error) => {}
            Err(error) => {
                self.failure.try_set(Some(error));
            }
        }
    }
}
