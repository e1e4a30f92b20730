//! Users and sessions in the database.
//!
//! The SQL is what SQLite, PostgreSQL and MySQL have in common: plain statements, `?` for every
//! parameter, no upsert. How many rows an `UPDATE` affected is how many it found, on MySQL, too: the
//! connection asks for it.

use jiff::Timestamp;
use platen_api_types::{SessionId, UserId, Username};
use sha2::{Digest, Sha256};
use sqlx::{Row, any::AnyRow};

use super::{
    Database,
    row::{parsed, time},
};

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("accounts database is unavailable")]
    Database(#[from] sqlx::Error),
    #[error("accounts database holds an unreadable {0}")]
    Corrupt(&'static str),
}

/// A user as stored.
#[derive(Clone)]
pub struct User {
    pub id: UserId,
    pub username: Username,
    /// PHC string.
    pub password_hash: String,
}

/// A user and the digest of the session that is good now, if there is one.
#[derive(Clone)]
pub struct UserSession {
    pub username: Username,
    pub created_at: Timestamp,
    pub session: Option<Sid>,
}

/// Digest of a session id: all that the database knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sid(String);

impl Sid {
    pub fn of(session: SessionId) -> Self {
        Self(hex::encode(Sha256::digest(session.as_uuid().as_bytes())))
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What became of a new user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    Created,
    NameTaken,
}

/// What became of a new session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    Yes,
    /// The account was erased meanwhile.
    NoSuchUser,
}

/// An account that is gone, while something of it is left elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasure {
    pub user: UserId,
    pub asked_at: Timestamp,
}

/// Users and sessions.
#[derive(Clone, Debug)]
pub struct AccountStore {
    pub(super) database: Database,
}

impl AccountStore {
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    pub async fn insert_user(
        &self,
        user: &User,
        created_at: Timestamp,
    ) -> Result<Inserted, StoreError> {
        let inserted = self
            .database
            .query(
                "INSERT INTO users (id, username, password_hash, created_at) VALUES (?, ?, ?, ?)",
            )
            .bind(user.id.to_string())
            .bind(user.username.as_str())
            .bind(user.password_hash.as_str())
            .bind(created_at.as_millisecond())
            .execute(self.database.pool())
            .await;
        match inserted {
            Ok(_) => Ok(Inserted::Created),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Ok(Inserted::NameTaken)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub async fn user_by_name(&self, username: &Username) -> Result<Option<User>, StoreError> {
        let row = self
            .database
            .query("SELECT id, password_hash FROM users WHERE username = ?")
            .bind(username.as_str())
            .fetch_optional(self.database.pool())
            .await?;
        row.map(|row| {
            Ok(User {
                id: parsed(&row, "id", "user id")?,
                username: username.clone(),
                password_hash: row.try_get("password_hash")?,
            })
        })
        .transpose()
    }

    /// Replaces a hash, unless it has been replaced since `old` was read.
    pub async fn update_hash(&self, user: UserId, old: &str, new: &str) -> Result<(), StoreError> {
        self.database
            .query("UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?")
            .bind(new)
            .bind(user.to_string())
            .bind(old)
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// Replaces a hash and ends the session. `false`: the hash has been replaced since `old` was read,
    /// and nothing happened.
    pub async fn change_hash(
        &self,
        user: UserId,
        old: &str,
        new: &str,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.pool().begin().await?;
        let updated = self
            .database
            .query("UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?")
            .bind(new)
            .bind(user.to_string())
            .bind(old)
            .execute(&mut *transaction)
            .await?;
        self.database
            .query("DELETE FROM sessions WHERE user_id = ?")
            .bind(user.to_string())
            .execute(&mut *transaction)
            .await?;
        let is_ours = updated.rows_affected() > 0;
        if is_ours {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(is_ours)
    }

    /// Makes `sid` the user's only session. Of several calls at once the last one stays.
    pub async fn replace_session(
        &self,
        user: UserId,
        sid: &Sid,
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Begun, StoreError> {
        loop {
            let updated = self
                .database
                .query(
                    "UPDATE sessions SET sid_hash = ?, expires_at = ?, created_at = ? \
                 WHERE user_id = ?",
                )
                .bind(sid.0.as_str())
                .bind(expires_at.as_millisecond())
                .bind(created_at.as_millisecond())
                .bind(user.to_string())
                .execute(self.database.pool())
                .await?;
            if updated.rows_affected() > 0 {
                return Ok(Begun::Yes);
            }
            let inserted = self
                .database
                .query(
                    "INSERT INTO sessions (sid_hash, expires_at, created_at, user_id) \
                 VALUES (?, ?, ?, ?)",
                )
                .bind(sid.0.as_str())
                .bind(expires_at.as_millisecond())
                .bind(created_at.as_millisecond())
                .bind(user.to_string())
                .execute(self.database.pool())
                .await;
            match inserted {
                Ok(_) => return Ok(Begun::Yes),
                // Another sign-in inserted first: there is a row to update now.
                Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {}
                Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
                    return Ok(Begun::NoSuchUser);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub async fn user_session(&self, user: UserId) -> Result<Option<UserSession>, StoreError> {
        let row = self
            .database
            .query(
                "SELECT users.username, users.created_at, sessions.sid_hash \
             FROM users LEFT JOIN sessions ON sessions.user_id = users.id WHERE users.id = ?",
            )
            .bind(user.to_string())
            .fetch_optional(self.database.pool())
            .await?;
        row.map(|row| {
            Ok(UserSession {
                username: parsed(&row, "username", "user name")?,
                created_at: time(&row, "created_at")?,
                session: row.try_get::<Option<String>, _>("sid_hash")?.map(Sid),
            })
        })
        .transpose()
    }

    /// Ends this session; a newer one of the user stays.
    pub async fn end_session(&self, user: UserId, sid: &Sid) -> Result<(), StoreError> {
        self.database
            .query("DELETE FROM sessions WHERE user_id = ? AND sid_hash = ?")
            .bind(user.to_string())
            .bind(sid.0.as_str())
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// Removes the user and the session, and remembers that the rest has to follow. Nothing happens
    /// when the user is gone already.
    pub async fn erase_user(&self, user: UserId, asked_at: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.database.pool().begin().await?;
        // The user first: of two calls at once, the second waits here, and finds nothing.
        let removed = self
            .database
            .query("DELETE FROM users WHERE id = ?")
            .bind(user.to_string())
            .execute(&mut *transaction)
            .await?;
        if removed.rows_affected() > 0 {
            self.database
                .query("INSERT INTO erasures (user_id, asked_at) VALUES (?, ?)")
                .bind(user.to_string())
                .bind(asked_at.as_millisecond())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Users of whom something is left. Those who asked first come first.
    pub async fn erasures(&self) -> Result<Vec<Erasure>, StoreError> {
        let rows = self
            .database
            .query("SELECT user_id, asked_at FROM erasures ORDER BY asked_at, user_id")
            .fetch_all(self.database.pool())
            .await?;
        let erasure = |row: &AnyRow| {
            Ok(Erasure {
                user: parsed(row, "user_id", "user id")?,
                asked_at: time(row, "asked_at")?,
            })
        };
        rows.iter().map(erasure).collect()
    }

    /// Nothing of the user is left.
    pub async fn end_erasure(&self, user: UserId) -> Result<(), StoreError> {
        self.database
            .query("DELETE FROM erasures WHERE user_id = ?")
            .bind(user.to_string())
            .execute(self.database.pool())
            .await?;
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.database
            .query("SELECT 1")
            .execute(self.database.pool())
            .await?;
        Ok(())
    }
}
