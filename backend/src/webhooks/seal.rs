//! Keeping secrets that have to be used again: whoever reads the database, or a copy of it, cannot
//! sign in our name.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use platen_api_types::WebhookId;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
    hkdf,
};

use super::SigningSecret;
use crate::{config::JwtKey, ids::Random};

/// What the derived key is for: no other use of the servers' key comes to the same one.
const PURPOSE: &[u8] = b"platen: secrets of webhooks, v1";

/// Seals and opens with keys derived from those of the servers.
#[derive(Clone)]
pub struct Sealer {
    current: Arc<LessSafeKey>,
    previous: Arc<[LessSafeKey]>,
    random: Arc<dyn Random>,
}

/// A secret could not be sealed or opened: it was sealed with a key that this server does not have.
#[derive(Debug, thiserror::Error)]
#[error("the secret of a webhook cannot be opened with PLATEN_JWT_KEY, nor with earlier keys")]
pub struct SealError;

impl From<Unspecified> for SealError {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

/// A secret that was sealed.
#[derive(Debug)]
pub struct Opened {
    pub secret: SigningSecret,
    /// It was sealed with an earlier key, which may be taken away some day.
    pub is_outdated: bool,
}

impl Sealer {
    pub fn new(
        current: &JwtKey,
        previous: &[JwtKey],
        random: Arc<dyn Random>,
    ) -> Result<Self, SealError> {
        let previous: Result<Vec<_>, _> = previous.iter().map(derive).collect();
        Ok(Self {
            current: Arc::new(derive(current)?),
            previous: previous?.into(),
            random,
        })
    }

    /// As text. It opens for this webhook alone: moved to another one, it is of no use.
    pub fn seal(&self, id: WebhookId, secret: &SigningSecret) -> Result<String, SealError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce);
        let mut sealed = secret.bytes().to_vec();
        self.current.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(id.as_uuid().as_bytes()),
            &mut sealed,
        )?;
        Ok(STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    pub fn open(&self, id: WebhookId, sealed: &str) -> Result<Opened, SealError> {
        let sealed = STANDARD_NO_PAD.decode(sealed).map_err(|_| Unspecified)?;
        let opened = |key: &LessSafeKey| open(key, id, &sealed);
        if let Ok(secret) = opened(&self.current) {
            return Ok(Opened {
                secret,
                is_outdated: false,
            });
        }
        let secret = self.previous.iter().find_map(|key| opened(key).ok());
        Ok(Opened {
            secret: secret.ok_or(Unspecified)?,
            is_outdated: true,
        })
    }
}

fn derive(key: &JwtKey) -> Result<LessSafeKey, Unspecified> {
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(key.bytes());
    let key = UnboundKey::from(extracted.expand(&[PURPOSE], &AES_256_GCM)?);
    Ok(LessSafeKey::new(key))
}

fn open(key: &LessSafeKey, id: WebhookId, sealed: &[u8]) -> Result<SigningSecret, Unspecified> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or(Unspecified)?;
    let mut sealed = sealed.to_vec();
    let opened = key.open_in_place(
        Nonce::try_assume_unique_for_key(nonce)?,
        Aad::from(id.as_uuid().as_bytes()),
        &mut sealed,
    )?;
    Ok(SigningSecret::from_bytes(opened.to_vec()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::SystemRandom;

    fn key(byte: u8) -> JwtKey {
        JwtKey::new(vec![byte; 32]).unwrap()
    }

    fn sealer(current: u8, previous: &[u8]) -> Sealer {
        let previous: Vec<JwtKey> = previous.iter().copied().map(key).collect();
        Sealer::new(&key(current), &previous, Arc::new(SystemRandom)).unwrap()
    }

    fn id(number: u128) -> WebhookId {
        WebhookId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn what_was_sealed_opens_also_after_the_key_was_changed() {
        let secret = SigningSecret::generate(&SystemRandom);
        let sealed = sealer(1, &[]).seal(id(1), &secret).unwrap();
        for (current, previous, is_outdated) in [(1, &[][..], false), (2, &[3, 1][..], true)] {
            let opened = sealer(current, previous).open(id(1), &sealed).unwrap();
            assert_eq!(opened.secret.bytes(), secret.bytes());
            assert_eq!(opened.is_outdated, is_outdated);
        }
    }

    #[test]
    fn nothing_else_opens() {
        let sealer_1 = sealer(1, &[]);
        let secret = SigningSecret::generate(&SystemRandom);
        let sealed = sealer_1.seal(id(1), &secret).unwrap();
        assert!(sealer(2, &[3]).open(id(1), &sealed).is_err());
        assert!(sealer_1.open(id(2), &sealed).is_err());
        let mut bytes = STANDARD_NO_PAD.decode(&sealed).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        for damaged in [&STANDARD_NO_PAD.encode(bytes), "", "AAAA", "no base64!"] {
            assert!(sealer_1.open(id(1), damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn the_same_secret_looks_different_every_time() {
        let sealer = sealer(1, &[]);
        let secret = SigningSecret::generate(&SystemRandom);
        let seal = || sealer.seal(id(1), &secret).unwrap();
        assert_ne!(seal(), seal());
    }
}
