//! API keys: made and ended by people, shown by programs.

use jiff::SignedDuration;
use platen_api_types::{CreatedKey, Key, KeyId, NewKey, UserId, limits};

use super::{
    Accounts, AuthError, Identity, StoreError,
    identity::Proof,
    key_store::{KeyInserted, TokenHash},
    row::to_millisecond,
};

/// What every token begins with, so that people and scanners for leaked secrets know it by sight.
pub const PREFIX: &str = "platen_";

/// How exactly the last use is kept: a busy key is not to cost a write per request.
const LAST_USED: SignedDuration = SignedDuration::from_mins(1);

/// Why there is no new key.
#[derive(Debug, thiserror::Error)]
pub enum NewKeyError {
    #[error("the name is empty or too long")]
    Name,
    #[error("no scope was named")]
    NoScope,
    #[error("the time at which the key expires has passed")]
    Expired,
    #[error("the user has as many keys as there may be")]
    TooMany,
    #[error("the account has ended")]
    NoSuchUser,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Makes a key. Its token is in the answer and nowhere else.
    pub async fn create_key(&self, user: UserId, new: NewKey) -> Result<CreatedKey, NewKeyError> {
        let now = self.clock.now();
        let name = new.name.trim();
        let is_plain = !new.name.chars().any(char::is_control);
        let characters = new.name.chars().count();
        if name.is_empty() || !limits::KEY_NAME_CHARS.contains(&characters) || !is_plain {
            return Err(NewKeyError::Name);
        }
        if new.scopes.is_empty() {
            return Err(NewKeyError::NoScope);
        }
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(NewKeyError::Expired);
        }
        if self.store.count_keys(user).await? >= i64::from(limits::KEYS) {
            return Err(NewKeyError::TooMany);
        }
        let mut scopes = new.scopes;
        scopes.sort_unstable();
        scopes.dedup();
        let key = Key {
            id: self.ids.key(),
            name: name.to_owned(),
            scopes,
            created_at: to_millisecond(now),
            expires_at: new.expires_at.map(to_millisecond),
            last_used_at: None,
        };
        let token = format!("{PREFIX}{}", self.ids.secret());
        match self
            .store
            .insert_key(user, &key, &TokenHash::of(&token))
            .await?
        {
            KeyInserted::Created => {}
            KeyInserted::NoSuchUser => return Err(NewKeyError::NoSuchUser),
        }
        tracing::info!(user.id = %user, key.id = %key.id, "API key created");
        Ok(CreatedKey { key, token })
    }

    /// Newest first; those that have expired, too.
    pub async fn keys(&self, user: UserId) -> Result<Vec<Key>, StoreError> {
        self.store.keys(user).await
    }

    /// Ends a key. `false`: the user has no such key.
    pub async fn delete_key(&self, user: UserId, key: KeyId) -> Result<bool, StoreError> {
        let deleted = self.store.delete_key(user, key).await?;
        if deleted {
            self.announce(user);
            tracing::info!(user.id = %user, key.id = %key, "API key deleted");
        }
        Ok(deleted)
    }

    /// Whose key the token is.
    pub async fn authenticate_key(&self, token: &str) -> Result<Identity, AuthError> {
        let found = self.store.key_by_token(&TokenHash::of(token)).await?;
        let owned = found.ok_or(AuthError::Invalid)?;
        let now = self.clock.now();
        let key = owned.key;
        if key.expires_at.is_some_and(|end| end <= now) {
            return Err(AuthError::KeyExpired);
        }
        let is_noted = key.last_used_at.is_some_and(|at| now < at + LAST_USED);
        if !is_noted {
            self.store.key_used(key.id, now).await?;
        }
        Ok(Identity {
            user: owned.user,
            username: owned.username,
            created_at: owned.user_created_at,
            proof: Proof::Key {
                id: key.id,
                scopes: key.scopes,
                expires_at: key.expires_at,
            },
        })
    }
}
