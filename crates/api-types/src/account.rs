//! Accounts and sessions.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limits;

/// Name of an account: 3 to 32 of `a-z 0-9 . _ -`, starting with a letter or digit.
/// Upper case is folded when parsing, so that `Ada` and `ada` are one person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Username(String);

impl Username {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsernameError;

impl fmt::Display for UsernameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a user name has 3 to 32 characters: letters, digits, dots, dashes and underscores, \
             and starts with a letter or digit",
        )
    }
}

impl std::error::Error for UsernameError {}

impl FromStr for Username {
    type Err = UsernameError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let valid = limits::USERNAME_CHARS.contains(&s.len())
            && s.as_bytes()[0].is_ascii_alphanumeric()
            && s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if valid {
            Ok(Self(s.to_ascii_lowercase()))
        } else {
            Err(UsernameError)
        }
    }
}

/// What a person types to sign up or to sign in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credentials {
    /// 3 to 32 letters, digits, dots, dashes, underscores; case does not matter.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 3,
            max_length = 32,
            pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
        )
    )]
    pub username: String,
    /// 8 to 1024 bytes of UTF-8; anything goes but the commonest passwords.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 2, max_length = 1024))]
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// What a person types to get another password.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub current_password: String,
    /// 8 to 1024 bytes of UTF-8; anything goes but the commonest passwords.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 2, max_length = 1024))]
    pub new_password: String,
}

impl fmt::Debug for PasswordChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordChange").finish_non_exhaustive()
    }
}

/// Answer to a sign-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignUp {
    pub username: String,
}

/// Answer to a sign-in. A user has one session: signing in again ends the earlier one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    pub username: String,
    /// For the `Authorization: Bearer` header. Browsers use the cookie set beside it.
    pub token: String,
    #[serde(with = "crate::time")]
    pub expires_at: Timestamp,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("username", &self.username)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Who is signed in, and how much they have used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    pub username: String,
    #[serde(with = "crate::time")]
    pub created_at: Timestamp,
    /// Files in the library, whatever their state.
    pub files: u64,
    /// Files the library may hold.
    pub files_limit: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case() {
        assert_eq!(
            "Ada.L-9_x".parse::<Username>().unwrap().as_str(),
            "ada.l-9_x"
        );
    }

    #[test]
    fn refuses_names_that_confuse() {
        let long = "a".repeat(33);
        for name in [
            "", "ab", ".ada", "-ada", "_ada", "a b", "ada/../x", "ада", "a\u{0}bc", &long,
        ] {
            assert!(name.parse::<Username>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let credentials = Credentials {
            username: "ada".into(),
            password: "s3cr3t-word".into(),
        };
        assert!(!format!("{credentials:?}").contains("s3cr3t"));
        let change = PasswordChange {
            current_password: credentials.password.clone(),
            new_password: credentials.password,
        };
        assert!(!format!("{change:?}").contains("s3cr3t"));
    }
}
