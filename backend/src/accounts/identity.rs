//! Someone who proved who they are, and what that proof is good for.

use jiff::Timestamp;
use platen_api_types::{KeyId, Scope, SessionId, UserId, Username};

/// Someone who proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub user: UserId,
    pub username: Username,
    pub created_at: Timestamp,
    pub proof: Proof,
}

/// What was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The session that a person began by signing in. It is good for everything.
    Session {
        id: SessionId,
        expires_at: Timestamp,
    },
    /// A key that a program was given.
    Key {
        id: KeyId,
        scopes: Vec<Scope>,
        expires_at: Option<Timestamp>,
    },
}

impl Identity {
    /// Whether the proof is good for this.
    pub fn allows(&self, scope: Scope) -> bool {
        match &self.proof {
            Proof::Session { .. } => true,
            Proof::Key { scopes, .. } => scopes.contains(&scope),
        }
    }

    pub fn is_session(&self) -> bool {
        matches!(self.proof, Proof::Session { .. })
    }
}
