//! Who is signed in.

use leptos::{prelude::*, task::spawn_local};
use platen_api_types::{Credentials, PasswordChange};

use crate::{
    app::{api, device},
    logic::{CallError, SignedOut, backoff},
};

#[derive(Clone, Debug, PartialEq)]
pub enum SessionState {
    /// The first answer is on its way.
    Asking,
    /// The first question got no answer.
    Unanswered(CallError),
    /// Nobody; with the reason when a person did not choose it.
    Nobody(Option<SignedOut>),
    Person {
        username: String,
    },
}

#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<SessionState>,
    /// A person is on the way out, and the server has not answered yet.
    leaving: RwSignal<bool>,
}

impl Session {
    pub fn provide() -> Self {
        let session = Self {
            state: RwSignal::new(SessionState::Asking),
            leaving: RwSignal::new(false),
        };
        provide_context(session);
        session
    }

    pub fn get(self) -> SessionState {
        self.state.get()
    }

    pub fn username(self) -> Option<String> {
        self.state.with(username_in)
    }

    /// Whether there is a person who is not signing out: what is asked for anybody else would be
    /// refused.
    pub fn goes_on(self) -> bool {
        !self.leaving.get() && self.state.with(|state| username_in(state).is_some())
    }

    /// Asks the server whose cookie the browser has, until there is an answer.
    pub fn ask(self) {
        self.state.set(SessionState::Asking);
        self.ask_once(0);
    }

    fn ask_once(self, attempt: u32) {
        spawn_local(async move {
            let answer = match api::account().await {
                Ok(account) => SessionState::Person {
                    username: account.username,
                },
                Err(error) => match (error.code(), error.signed_out()) {
                    // Never signed in here: nothing to explain.
                    (Some(platen_api_types::ProblemCode::Unauthenticated), _) => {
                        SessionState::Nobody(None)
                    }
                    (_, Some(reason)) => SessionState::Nobody(Some(reason)),
                    _ => SessionState::Unanswered(error),
                },
            };
            if matches!(answer, SessionState::Unanswered(_)) {
                let wait = backoff(attempt, device::chance());
                set_timeout(move || self.ask_again(attempt + 1), wait);
            }
            // A screen that says the same as before stays.
            if self.state.with_untracked(|before| *before != answer) {
                self.state.set(answer);
            }
        });
    }

    /// Unless a person has asked meanwhile.
    fn ask_again(self, attempt: u32) {
        if matches!(self.state.get_untracked(), SessionState::Unanswered(_)) {
            self.ask_once(attempt);
        }
    }

    pub async fn sign_in(self, credentials: &Credentials) -> Result<(), CallError> {
        let session = api::sign_in(credentials).await?;
        self.state.set(SessionState::Person {
            username: session.username,
        });
        Ok(())
    }

    /// Creates the account and signs in to it.
    pub async fn sign_up(self, credentials: &Credentials) -> Result<(), CallError> {
        api::sign_up(credentials).await?;
        self.sign_in(credentials).await
    }

    pub async fn sign_out(self) -> Result<(), CallError> {
        self.leaving.set(true);
        let answer = match api::sign_out().await {
            Err(error) if error.signed_out().is_none() => Err(error),
            Ok(()) | Err(_) => {
                self.state.set(SessionState::Nobody(None));
                Ok(())
            }
        };
        self.leaving.set(false);
        answer
    }

    /// Changes the password, which ends every session, and goes on here in a new one.
    pub async fn change_password(self, change: &PasswordChange) -> Result<(), CallError> {
        api::change_password(change).await?;
        let credentials = Credentials {
            username: self.state.with_untracked(username_in).unwrap_or_default(),
            password: change.new_password.clone(),
        };
        if self.sign_in(&credentials).await.is_err() {
            self.state
                .set(SessionState::Nobody(Some(SignedOut::PasswordChanged)));
        }
        Ok(())
    }

    /// Deletes the account of whoever knows its password: signing in with it is how the server
    /// checks one, and only moves the session that is about to end anyway.
    pub async fn delete_account(self, password: String) -> Result<(), CallError> {
        let credentials = Credentials {
            username: self.state.with_untracked(username_in).unwrap_or_default(),
            password,
        };
        api::sign_in(&credentials).await?;
        api::delete_account().await?;
        self.state
            .set(SessionState::Nobody(Some(SignedOut::Deleted)));
        Ok(())
    }

    /// Takes note when `error` says that the session is over. Returns whether it does.
    pub fn ends_with(self, error: &CallError) -> bool {
        let reason = error.signed_out();
        if reason.is_some() {
            self.state.set(SessionState::Nobody(reason));
        }
        reason.is_some()
    }
}

fn username_in(state: &SessionState) -> Option<String> {
    match state {
        SessionState::Person { username } => Some(username.clone()),
        _ => None,
    }
}
