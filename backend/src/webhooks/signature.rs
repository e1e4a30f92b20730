//! Signatures of Standard Webhooks, and the secrets they are made with.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use ring::hmac;
use secrecy::{ExposeSecret, SecretSlice};

use crate::ids::Random;

/// The standard asks for 24 to 64. As long as the digest: more is of no use.
const BYTES: usize = 32;

/// What a receiver knows a call of ours by.
#[derive(Clone, Debug)]
pub struct SigningSecret(SecretSlice<u8>);

impl SigningSecret {
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = vec![0; BYTES];
        random.fill(&mut bytes);
        Self::from_bytes(bytes)
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// As its owner gets to see it.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.bytes()))
    }

    /// The header `webhook-signature`.
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.bytes());
        let mut signing = hmac::Context::with_key(&key);
        signing.update(format!("{id}.{}.", at.as_second()).as_bytes());
        signing.update(body);
        format!("v1,{}", STANDARD.encode(signing.sign()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SystemRandom;

    /// The example that implementations of the standard are tested with.
    #[test]
    fn the_signature_is_that_of_the_standard() {
        let bytes = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = SigningSecret::from_bytes(bytes).sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Timestamp::from_second(1_614_265_330).unwrap(),
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_long_and_like_no_other() {
        let (one, other) = (
            SigningSecret::generate(&SystemRandom),
            SigningSecret::generate(&SystemRandom),
        );
        assert_ne!(one.bytes(), other.bytes());
        let shown = one.reveal();
        let bytes = STANDARD.decode(shown.strip_prefix("whsec_").unwrap());
        assert_eq!(bytes.unwrap(), one.bytes());
        assert!((24..=64).contains(&one.bytes().len()));
        assert!(!format!("{one:?}").contains(&shown[6..]));
    }
}
