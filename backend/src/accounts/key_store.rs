//! API keys in the database.

use jiff::Timestamp;
use platen_api_types::{Key, KeyId, Scope, UserId, Username};
use sha2::{Digest, Sha256};
use sqlx::{Row, any::AnyRow};

use super::{
    AccountStore, StoreError,
    row::{parsed, time, time_if_any},
};

/// Digest of a token: all that the database knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    pub fn of(token: &str) -> Self {
        Self(hex::encode(Sha256::digest(token)))
    }
}

/// A key and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedKey {
    pub user: UserId,
    pub username: Username,
    pub user_created_at: Timestamp,
    pub key: Key,
}

/// What became of a new key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyInserted {
    Created,
    /// The account was erased meanwhile.
    NoSuchUser,
}

impl AccountStore {
    pub async fn insert_key(
        &self,
        user: UserId,
        key: &Key,
        token: &TokenHash,
    ) -> Result<KeyInserted, StoreError> {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let inserted = self
            .database
            .query(
                "INSERT INTO api_keys \
                 (id, user_id, name, token_hash, scopes, created_at, expires_at) \
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(key.id.to_string())
            .bind(user.to_string())
            .bind(key.name.as_str())
            .bind(token.0.as_str())
            .bind(scopes.join(" "))
            .bind(key.created_at.as_millisecond())
            .bind(key.expires_at.map(Timestamp::as_millisecond))
            .execute(self.database.pool())
            .await;
        match inserted {
            Ok(_) => Ok(KeyInserted::Created),
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
                Ok(KeyInserted::NoSuchUser)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Newest first.
    pub async fn keys(&self, user: UserId) -> Result<Vec<Key>, StoreError> {
        let rows = self
            .database
            .query(
                "SELECT id, name, scopes, created_at, expires_at, last_used_at FROM api_keys \
                 WHERE user_id = ? ORDER BY created_at DESC, id DESC",
            )
            .bind(user.to_string())
            .fetch_all(self.database.pool())
            .await?;
        rows.iter().map(read_key).collect()
    }

    pub async fn count_keys(&self, user: UserId) -> Result<i64, StoreError> {
        let row = self
            .database
            .query("SELECT COUNT(*) AS count FROM api_keys WHERE user_id = ?")
            .bind(user.to_string())
            .fetch_one(self.database.pool())
            .await?;
        Ok(row.try_get("count")?)
    }

    pub async fn key_by_token(&self, token: &TokenHash) -> Result<Option<OwnedKey>, StoreError> {
        let row = self
            .database
            .query(
                "SELECT api_keys.id, api_keys.name, api_keys.scopes, api_keys.created_at, \
                 api_keys.expires_at, api_keys.last_used_at, \
                 users.id AS user_id, users.username, users.created_at AS user_created_at \
                 FROM api_keys JOIN users ON users.id = api_keys.user_id \
                 WHERE api_keys.token_hash = ?",
            )
            .bind(token.0.as_str())
            .fetch_optional(self.database.pool())
            .await?;
        row.map(|row| {
            Ok(OwnedKey {
                user: parsed(&row, "user_id", "user id")?,
                username: parsed(&row, "username", "user name")?,
                user_created_at: time(&row, "user_created_at")?,
                key: read_key(&row)?,
            })
        })
        .transpose()
    }

    pub async fn has_key(&self, user: UserId, key: KeyId) -> Result<bool, StoreError> {
        let row = self
            .database
            .query("SELECT id FROM api_keys WHERE id = ? AND user_id = ?")
            .bind(key.to_string())
            .bind(user.to_string())
            .fetch_optional(self.database.pool())
            .await?;
        Ok(row.is_some())
    }

    pub async fn key_used(&self, key: KeyId, at: Timestamp) -> Result<(), StoreError> {
        self.database
            .query("UPDATE api_keys SET last_used_at = ? WHERE id = ?")
            .bind(at.as_millisecond())
            .bind(key.to_string())
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// `false`: the user has no such key.
    pub async fn delete_key(&self, user: UserId, key: KeyId) -> Result<bool, StoreError> {
        let deleted = self
            .database
            .query("DELETE FROM api_keys WHERE id = ? AND user_id = ?")
            .bind(key.to_string())
            .bind(user.to_string())
            .execute(self.database.pool())
            .await?;
        Ok(deleted.rows_affected() > 0)
    }
}

fn read_key(row: &AnyRow) -> Result<Key, StoreError> {
    let scopes: String = row.try_get("scopes")?;
    Ok(Key {
        id: parsed(row, "id", "key id")?,
        name: row.try_get("name")?,
        // One that only a later version knows allows nothing here.
        scopes: Scope::ALL
            .iter()
            .copied()
            .filter(|scope| scopes.split(' ').any(|name| name == scope.as_str()))
            .collect(),
        created_at: time(row, "created_at")?,
        expires_at: time_if_any(row, "expires_at")?,
        last_used_at: time_if_any(row, "last_used_at")?,
    })
}
