//! Passwords: what may be one, and Argon2id off the async threads.

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use platen_api_types::{Username, limits};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use super::{common::is_common, hashing::HashingThreads};
use crate::ids::Random;

/// Those who wait for a core to hash on, per core. More are told to come back: a sign-in storm
/// must not become a queue of minutes.
const WAITING_PER_CORE: usize = 32;

/// A password as typed, in Unicode's composed form, so that every keyboard produces the same bytes
/// (RFC 8265, section 4.2).
#[derive(Clone)]
pub struct Password(SecretString);

/// Why a password is refused for a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("shorter than 8 bytes")]
    TooShort,
    #[error("longer than 1024 bytes")]
    TooLong,
    #[error("among the commonest passwords")]
    Common,
    #[error("the user name")]
    Username,
}

impl Password {
    pub fn new(typed: &str) -> Self {
        Self(typed.nfc().collect::<String>().into())
    }

    /// Whether it may protect the account of that name.
    pub fn check(&self, username: &Username) -> Result<(), WeakPassword> {
        let text = self.0.expose_secret();
        if text.len() < *limits::PASSWORD_BYTES.start() {
            Err(WeakPassword::TooShort)
        } else if text.len() > *limits::PASSWORD_BYTES.end() {
            Err(WeakPassword::TooLong)
        } else if text.eq_ignore_ascii_case(username.as_str()) {
            Err(WeakPassword::Username)
        } else if is_common(text) {
            Err(WeakPassword::Common)
        } else {
            Ok(())
        }
    }

    fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }

    /// No account has a longer one.
    fn is_possible(&self) -> bool {
        self.bytes().len() <= *limits::PASSWORD_BYTES.end()
    }
}

/// What a hash costs to compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// KiB of memory.
    pub memory: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Default for HashCost {
    /// OWASP's minimum for Argon2id.
    fn default() -> Self {
        Self {
            memory: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }
}

/// Why a password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many are waiting already.
    #[error("too many passwords are waiting to be hashed")]
    Overloaded,
    #[error("password hashing failed")]
    Failed(#[source] argon2::password_hash::Error),
    #[error("password hashing parameters are out of range")]
    Cost(#[source] argon2::Error),
    #[error("no threads for password hashing")]
    Threads(#[source] io::Error),
    #[error("password hashing was interrupted")]
    Interrupted,
}

/// How a comparison ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hashing {
    Matches {
        /// The hash at today's cost, when the stored one is cheaper.
        upgrade: Option<String>,
    },
    Differs,
}

/// Hashes and compares passwords, a bounded number at a time.
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    random: Arc<dyn Random>,
    threads: HashingThreads,
    cores: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
    /// Compared against when there is no such user, so that the answer takes as long.
    dummy: String,
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher").finish_non_exhaustive()
    }
}

impl PasswordHasher {
    pub fn new(
        cost: &HashCost,
        concurrency: usize,
        random: Arc<dyn Random>,
    ) -> Result<Self, HashError> {
        let params =
            Params::new(cost.memory, cost.passes, cost.lanes, None).map_err(HashError::Cost)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut unguessable = [0; 32];
        random.fill(&mut unguessable);
        let dummy = hash(&argon2, &*random, &unguessable)?;
        Ok(Self {
            argon2,
            random,
            threads: HashingThreads::new(concurrency).map_err(HashError::Threads)?,
            cores: Arc::new(Semaphore::new(concurrency)),
            waiting: Arc::default(),
            most_waiting: concurrency * WAITING_PER_CORE,
            dummy,
        })
    }

    /// A place among those who wait for a core. To be taken before anything else is done for them:
    /// who has to come back costs next to nothing.
    pub fn place(&self) -> Result<Place, HashError> {
        let place = Place(Arc::clone(&self.waiting));
        if self.waiting.fetch_add(1, Ordering::Relaxed) < self.most_waiting {
            Ok(place)
        } else {
            Err(HashError::Overloaded)
        }
    }

    /// The PHC string to store.
    pub async fn hash(&self, place: Place, password: Password) -> Result<String, HashError> {
        let argon2 = self.argon2.clone();
        let random = Arc::clone(&self.random);
        self.run(place, move || hash(&argon2, &*random, password.bytes()))
            .await
    }

    /// Compares with a stored hash; `None`: with one that nothing matches, taking as long.
    pub async fn compare(
        &self,
        place: Place,
        password: Password,
        stored: Option<String>,
    ) -> Result<Hashing, HashError> {
        let argon2 = self.argon2.clone();
        let random = Arc::clone(&self.random);
        let possible = stored.is_some() && password.is_possible();
        let against = stored.unwrap_or_else(|| self.dummy.clone());
        self.run(place, move || {
            let against = PasswordHash::new(&against)
                .map_err(|_| HashError::Failed(argon2::password_hash::Error::EncodingInvalid))?;
            match argon2.verify_password(password.bytes(), &against) {
                Ok(()) if possible => {}
                Ok(()) | Err(argon2::password_hash::Error::PasswordInvalid) => {
                    return Ok(Hashing::Differs);
                }
                Err(error) => return Err(HashError::Failed(error)),
            }
            let upgrade = if is_cheaper(&against, argon2.params()) {
                Some(hash(&argon2, &*random, password.bytes())?)
            } else {
                None
            };
            Ok(Hashing::Matches { upgrade })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        _place: Place,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let core = Arc::clone(&self.cores)
            .acquire_owned()
            .await
            .map_err(|_| HashError::Interrupted)?;
        // The permit travels with the work: an abandoned request still occupies its core.
        let hashing = self.threads.run(move || {
            let _core = core;
            work()
        });
        hashing.await.map_err(|_| HashError::Interrupted)?
    }
}

/// A place among those who wait, given back when dropped.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash(argon2: &Argon2<'_>, random: &dyn Random, password: &[u8]) -> Result<String, HashError> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    argon2
        .hash_password_with_salt(password, &salt)
        .map(|hash| hash.to_string())
        .map_err(HashError::Failed)
}

/// Whether a stored hash took less work than one made today would.
fn is_cheaper(stored: &PasswordHash, today: &Params) -> bool {
    stored.algorithm != Algorithm::Argon2id.ident()
        || Params::try_from(stored).map_or(true, |stored| {
            stored.m_cost() < today.m_cost()
                || stored.t_cost() < today.t_cost()
                || stored.p_cost() < today.p_cost()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SystemRandom;

    fn hasher(memory: u32, concurrency: usize) -> PasswordHasher {
        let cost = HashCost {
            memory,
            passes: 1,
            lanes: 1,
        };
        PasswordHasher::new(&cost, concurrency, Arc::new(SystemRandom)).unwrap()
    }

    #[test]
    fn refuses_what_everyone_guesses() {
        let ada: Username = "adalovelace".parse().unwrap();
        for (typed, verdict) in [
            ("seven77", Err(WeakPassword::TooShort)),
            ("Password1", Err(WeakPassword::Common)),
            ("AdaLovelace", Err(WeakPassword::Username)),
            ("correct horse battery", Ok(())),
            ("áéíóö", Ok(())),
        ] {
            assert_eq!(Password::new(typed).check(&ada), verdict, "{typed}");
        }
        let long = "é".repeat(513);
        assert_eq!(Password::new(&long).check(&ada), Err(WeakPassword::TooLong));
        assert_eq!(Password::new(&long[2..]).check(&ada), Ok(()));
    }

    #[tokio::test]
    async fn every_keyboard_spells_the_same() {
        let hasher = hasher(8, 1);
        let stored = hasher
            .hash(hasher.place().unwrap(), Password::new("jalape\u{f1}o pie"))
            .await
            .unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"),
            "{stored}"
        );
        for (typed, same) in [("jalapen\u{303}o pie", true), ("jalapeno pie", false)] {
            let verdict = hasher
                .compare(
                    hasher.place().unwrap(),
                    Password::new(typed),
                    Some(stored.clone()),
                )
                .await
                .unwrap();
            assert_eq!(verdict == Hashing::Differs, !same, "{typed}");
        }
    }

    #[tokio::test]
    async fn a_cheaper_hash_is_replaced() {
        let typed = || Password::new("correct horse battery");
        let (cheap, dear) = (hasher(8, 1), hasher(16, 1));
        let stored = cheap.hash(cheap.place().unwrap(), typed()).await.unwrap();
        let Hashing::Matches { upgrade: Some(new) } = dear
            .compare(dear.place().unwrap(), typed(), Some(stored))
            .await
            .unwrap()
        else {
            panic!("no upgrade");
        };
        assert!(new.contains("m=16"), "{new}");
        let again = dear
            .compare(dear.place().unwrap(), typed(), Some(new))
            .await
            .unwrap();
        assert_eq!(again, Hashing::Matches { upgrade: None });
    }

    #[tokio::test]
    async fn nobody_matches_nothing() {
        let hasher = hasher(8, 1);
        let place = hasher.place().unwrap();
        let verdict = hasher
            .compare(place, Password::new(""), None)
            .await
            .unwrap();
        assert_eq!(verdict, Hashing::Differs);
    }

    #[tokio::test]
    async fn a_storm_is_shed() {
        let hasher = hasher(8, 1);
        let busy = Arc::clone(&hasher.cores).acquire_owned().await.unwrap();
        let mut shed = 0;
        let mut waiting = Vec::new();
        for _ in 0..WAITING_PER_CORE + 10 {
            let place = match hasher.place() {
                Ok(place) => place,
                Err(HashError::Overloaded) => {
                    shed += 1;
                    continue;
                }
                Err(other) => panic!("{other:?}"),
            };
            let mut one = Box::pin(hasher.hash(place, Password::new("correct horse battery")));
            assert!(futures::poll!(&mut one).is_pending());
            waiting.push(one);
        }
        assert_eq!((waiting.len(), shed), (WAITING_PER_CORE, 10));
        drop(busy);
        for result in futures::future::join_all(waiting).await {
            result.unwrap();
        }
        assert_eq!(hasher.waiting.load(Ordering::Relaxed), 0);
    }
}
