//! Accounts: who may use Platen, and how they prove it.
//!
//! [`Accounts`] is the service. It knows no HTTP: the credentials it takes are text, the errors it
//! gives are domain errors. Users and sessions lie in a [`Database`] of any [`Engine`] behind
//! [`AccountStore`]; [`PasswordHasher`] is Argon2id off the async threads; [`Tokens`] signs and
//! reads session tokens; [`Setbacks`] slows down guessing.

mod common;
mod database;
mod engine;
mod hashing;
mod identity;
mod key_store;
mod keys;
mod password;
pub(crate) mod row;
mod service;
mod setbacks;
mod store;
#[cfg(test)]
mod suite;
mod token;

pub use database::{Database, DatabaseError};
pub use engine::Engine;
pub use identity::{Identity, Proof};
pub use keys::{NewKeyError, PREFIX as KEY_PREFIX};
pub use password::{HashCost, HashError, Hashing, Password, PasswordHasher, WeakPassword};
pub use service::{Accounts, AuthError, ChangePasswordError, SignInError, SignUpError, SignedIn};
pub use setbacks::Setbacks;
pub use store::{AccountStore, Erasure, StoreError};
pub use token::{SessionClaims, TokenError, Tokens};
