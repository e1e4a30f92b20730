//! Sign-up, sign-in, sign-out, and who a token belongs to.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use platen_api_types::{UserId, Username};
use platen_pipeline::Clock;
use subtle::ConstantTimeEq;
use tokio::sync::broadcast;

use super::{
    AccountStore, HashError, Hashing, Identity, Password, PasswordHasher, Setbacks, StoreError,
    TokenError, Tokens, WeakPassword,
    identity::Proof,
    store::{Begun, Inserted, Sid, User},
    token::{SessionClaims, SignError},
};
use crate::ids::Ids;

/// Changes of sessions that a slow listener may have in arrears; one that missed some looks again.
const CHANGES: usize = 64;

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    #[error("the user name is taken")]
    NameTaken,
    #[error("weak password")]
    WeakPassword(#[source] WeakPassword),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why there is no new session.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("user name and password do not match")]
    Mismatch,
    #[error("too many failed attempts for this user name")]
    Wait(Duration),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Why the password stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    #[error("the current password is another one")]
    Mismatch,
    #[error("too many failed attempts for this user name")]
    Wait(Duration),
    #[error("weak password")]
    WeakPassword(#[source] WeakPassword),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a token is nobody's.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    #[error("not a session")]
    Invalid,
    #[error("the session has ended")]
    Ended,
    #[error("the session was replaced by a newer one")]
    Superseded,
    #[error("the API key has expired")]
    KeyExpired,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A session that was just started.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub username: Username,
    pub token: String,
    pub expires_at: Timestamp,
    pub lifetime: Duration,
}

/// The accounts of this installation.
#[derive(Debug)]
pub struct Accounts {
    pub(super) store: AccountStore,
    hasher: PasswordHasher,
    tokens: Tokens,
    setbacks: Setbacks,
    pub(super) ids: Ids,
    pub(super) clock: Arc<dyn Clock>,
    lifetime: Duration,
    changed: broadcast::Sender<UserId>,
}

impl Accounts {
    pub fn new(
        store: AccountStore,
        hasher: PasswordHasher,
        tokens: Tokens,
        ids: Ids,
        clock: Arc<dyn Clock>,
        lifetime: Duration,
    ) -> Self {
        Self {
            store,
            hasher,
            tokens,
            setbacks: Setbacks::default(),
            ids,
            clock,
            lifetime,
            changed: broadcast::Sender::new(CHANGES),
        }
    }

    pub async fn sign_up(&self, username: Username, password: Password) -> Result<(), SignUpError> {
        password
            .check(&username)
            .map_err(SignUpError::WeakPassword)?;
        let place = self.hasher.place()?;
        // Spares the hashing; the constraint of the table is what decides.
        if self.store.user_by_name(&username).await?.is_some() {
            return Err(SignUpError::NameTaken);
        }
        let user = User {
            id: self.ids.user(),
            username,
            password_hash: self.hasher.hash(place, password).await?,
        };
        match self.store.insert_user(&user, self.clock.now()).await? {
            Inserted::Created => {
                tracing::info!(user.id = %user.id, "account created");
                Ok(())
            }
            Inserted::NameTaken => Err(SignUpError::NameTaken),
        }
    }

    /// Starts the session of the user and ends the one before. A failed attempt changes nothing.
    pub async fn sign_in(
        &self,
        typed_name: &str,
        password: Password,
    ) -> Result<SignedIn, SignInError> {
        let username: Option<Username> = typed_name.parse().ok();
        // What cannot be a name is no account to slow down, and must not fill the memory.
        if let Some(username) = &username {
            let wait = self.setbacks.wait(username.as_str(), self.clock.now());
            if !wait.is_zero() {
                return Err(SignInError::Wait(wait));
            }
        }
        let place = self.hasher.place()?;
        let user = match &username {
            Some(username) => self.store.user_by_name(username).await?,
            None => None,
        };
        let stored = user.as_ref().map(|user| user.password_hash.clone());
        let verdict = self.hasher.compare(place, password, stored).await?;
        let (Some(user), Hashing::Matches { upgrade }) = (user, verdict) else {
            if let Some(username) = &username {
                self.setbacks.failed(username.as_str(), self.clock.now());
            }
            return Err(SignInError::Mismatch);
        };
        self.setbacks.succeeded(user.username.as_str());
        if let Some(new) = upgrade {
            self.store
                .update_hash(user.id, &user.password_hash, &new)
                .await?;
        }
        self.start_session(user).await
    }

    async fn start_session(&self, user: User) -> Result<SignedIn, SignInError> {
        let now = self.clock.now();
        let expires_at = now
            .checked_add(self.lifetime)
            .unwrap_or(Timestamp::MAX)
            .round(jiff::Unit::Second)
            .unwrap_or(Timestamp::MAX);
        let claims = SessionClaims {
            user: user.id,
            session: self.ids.session(),
            expires_at,
        };
        let token = self.tokens.sign(&claims, now)?;
        let begun = self
            .store
            .replace_session(user.id, &Sid::of(claims.session), now, expires_at)
            .await?;
        if begun == Begun::NoSuchUser {
            return Err(SignInError::Mismatch);
        }
        self.announce(user.id);
        tracing::info!(user.id = %user.id, "session started");
        Ok(SignedIn {
            username: user.username,
            token,
            expires_at,
            lifetime: self.lifetime,
        })
    }

    /// Whose session the token is.
    pub async fn authenticate(&self, token: &str) -> Result<Identity, AuthError> {
        let claims = match self.tokens.read(token, self.clock.now()) {
            Ok(claims) => claims,
            Err(TokenError::Invalid) => return Err(AuthError::Invalid),
            Err(TokenError::Expired) => return Err(AuthError::Ended),
        };
        // The account is gone: its tokens are nobody's.
        let found = self.store.user_session(claims.user).await?;
        let user = found.ok_or(AuthError::Invalid)?;
        let current = user.session.ok_or(AuthError::Ended)?;
        let own = Sid::of(claims.session);
        if !bool::from(current.as_bytes().ct_eq(own.as_bytes())) {
            return Err(AuthError::Superseded);
        }
        Ok(Identity {
            user: claims.user,
            username: user.username,
            created_at: user.created_at,
            proof: Proof::Session {
                id: claims.session,
                expires_at: claims.expires_at,
            },
        })
    }

    /// Whether a proof that was good is so still.
    pub async fn is_current(&self, identity: &Identity) -> Result<bool, StoreError> {
        let now = self.clock.now();
        match &identity.proof {
            Proof::Session { id, expires_at } => {
                let user = self.store.user_session(identity.user).await?;
                let current = user.and_then(|user| user.session);
                Ok(*expires_at > now && current == Some(Sid::of(*id)))
            }
            Proof::Key { id, expires_at, .. } => {
                let is_good = expires_at.is_none_or(|end| end > now);
                Ok(is_good && self.store.has_key(identity.user, *id).await?)
            }
        }
    }

    /// Ends the session, if it is by one that they proved who they are.
    pub async fn sign_out(&self, identity: &Identity) -> Result<(), StoreError> {
        if let Proof::Session { id, .. } = &identity.proof {
            self.store.end_session(identity.user, &Sid::of(*id)).await?;
            self.announce(identity.user);
            tracing::info!(user.id = %identity.user, "session ended");
        }
        Ok(())
    }

    /// Users whose sessions or keys changed on this server, from now on.
    pub fn session_changes(&self) -> broadcast::Receiver<UserId> {
        self.changed.subscribe()
    }

    pub async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    pub(super) fn announce(&self, user: UserId) {
        // Nobody may be listening.
        self.changed.send(user).ok();
    }

    /// Replaces the password and ends the session, wherever it is used. Guessing is slowed down as it
    /// is at sign-in.
    pub async fn change_password(
        &self,
        identity: &Identity,
        current: Password,
        new: Password,
    ) -> Result<(), ChangePasswordError> {
        let username = &identity.username;
        let wait = self.setbacks.wait(username.as_str(), self.clock.now());
        if !wait.is_zero() {
            return Err(ChangePasswordError::Wait(wait));
        }
        new.check(username)
            .map_err(ChangePasswordError::WeakPassword)?;
        let place = self.hasher.place()?;
        let user = self.store.user_by_name(username).await?;
        // Erased meanwhile, and the name taken by somebody else.
        let Some(user) = user.filter(|user| user.id == identity.user) else {
            return Err(ChangePasswordError::Mismatch);
        };
        let stored = Some(user.password_hash.clone());
        let Hashing::Matches { .. } = self.hasher.compare(place, current, stored).await? else {
            self.setbacks.failed(username.as_str(), self.clock.now());
            return Err(ChangePasswordError::Mismatch);
        };
        self.setbacks.succeeded(username.as_str());
        let hash = self.hasher.hash(self.hasher.place()?, new).await?;
        if !self
            .store
            .change_hash(user.id, &user.password_hash, &hash)
            .await?
        {
            return Err(ChangePasswordError::Mismatch);
        }
        self.announce(user.id);
        tracing::info!(user.id = %user.id, "password changed");
        Ok(())
    }

    /// Ends the account and its session. What belongs to it elsewhere is left to an
    /// [`Eraser`](crate::erasure::Eraser).
    pub async fn erase(&self, identity: &Identity) -> Result<(), StoreError> {
        self.store
            .erase_user(identity.user, self.clock.now())
            .await?;
        self.announce(identity.user);
        tracing::info!(user.id = %identity.user, "account ended");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::*;
    use crate::{
        accounts::{Database, HashCost},
        config::JwtKey,
        http::testing::TestClock,
        ids::{Random, SystemRandom},
    };

    #[tokio::test]
    async fn who_is_shed_costs_the_database_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/accounts.db?mode=rwc", folder.path().display());
        // Without tables: every question is an error.
        let database = Database::connect(&url.into(), 1).await.unwrap();
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let cost = HashCost {
            memory: 8,
            passes: 1,
            lanes: 1,
        };
        let hasher = PasswordHasher::new(&cost, 1, Arc::clone(&random)).unwrap();
        let places: Vec<_> = iter::from_fn(|| hasher.place().ok()).collect();
        let clock = Arc::new(TestClock::default());
        let accounts = Accounts::new(
            AccountStore::new(database),
            hasher,
            Tokens::new(&JwtKey::new(vec![7; 32]).unwrap(), &[]),
            Ids::new(clock.clone(), random),
            clock,
            Duration::from_hours(1),
        );
        let password = || Password::new("correct horse battery");
        let sign_in = || accounts.sign_in("ada", password());
        let shed = sign_in().await;
        assert!(
            matches!(shed, Err(SignInError::Hash(HashError::Overloaded))),
            "{shed:?}"
        );
        let shed = accounts.sign_up("ada".parse().unwrap(), password()).await;
        assert!(
            matches!(shed, Err(SignUpError::Hash(HashError::Overloaded))),
            "{shed:?}"
        );
        drop(places);
        let asked = sign_in().await;
        assert!(matches!(asked, Err(SignInError::Store(_))), "{asked:?}");
    }
}
