//! API keys: for programs, beside the one session that a person has.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::KeyId;

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// List files, follow and download them, read usage and quota.
    #[serde(rename = "files:read")]
    FilesRead,
    /// Ask for PDFs, try again, delete files.
    #[serde(rename = "files:write")]
    FilesWrite,
    /// Make, list and delete webhooks, which are told of every file.
    #[serde(rename = "webhooks")]
    Webhooks,
}

impl Scope {
    pub const ALL: &'static [Self] = &[Self::FilesRead, Self::FilesWrite, Self::Webhooks];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FilesRead => "files:read",
            Self::FilesWrite => "files:write",
            Self::Webhooks => "webhooks",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewKey {
    /// What it is for, in the words of its owner: 1 to 100 characters.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 100,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
        )
    )]
    pub name: String,
    /// At least one.
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub scopes: Vec<Scope>,
    /// When it ends by itself; left out: never.
    #[serde(
        default,
        with = "crate::time::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<Timestamp>,
}

/// A key, without what opens the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Key {
    pub id: KeyId,
    pub name: String,
    pub scopes: Vec<Scope>,
    #[serde(with = "crate::time")]
    pub created_at: Timestamp,
    #[serde(
        default,
        with = "crate::time::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<Timestamp>,
    /// To the minute.
    #[serde(
        default,
        with = "crate::time::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_used_at: Option<Timestamp>,
}

/// A key that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedKey {
    pub key: Key,
    /// For the `Authorization: Bearer` header. Shown here and never again.
    pub token: String,
}

impl fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedKey")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// All keys of a user, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyList {
    pub keys: Vec<Key>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_spelt_as_they_are_sent() {
        for scope in Scope::ALL {
            let json = serde_json::to_string(scope).unwrap();
            assert_eq!(json, format!("\"{scope}\""));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let created = CreatedKey {
            key: Key {
                id: "0198c0de-0000-7000-8000-00123456789a".parse().unwrap(),
                name: "ci".to_owned(),
                scopes: vec![Scope::FilesRead],
                created_at: Timestamp::UNIX_EPOCH,
                expires_at: None,
                last_used_at: None,
            },
            token: "s3cr3t".to_owned(),
        };
        assert!(!format!("{created:?}").contains("s3cr3t"));
    }
}
