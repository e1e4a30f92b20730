//! Session tokens: JWT with one algorithm, one type, and every claim required (RFC 8725).

use std::{fmt, time::Duration};

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use platen_api_types::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::config::JwtKey;

const ISSUER: &str = "platen";
const AUDIENCE: &str = "platen-api";

/// Explicit type (RFC 8725, section 3.11): a token made for something else is no session.
const TYPE: &str = "platen-session+jwt";

/// How long a token is good after it has expired: clocks of several servers differ a little.
const LEEWAY: Duration = Duration::from_secs(10);

/// How far in the future a token may have been signed. It is ours, so this guards against nothing but
/// clocks: one server may be ten minutes ahead and another ten behind, and nobody is to be signed out
/// by that.
const EARLY: Duration = Duration::from_mins(30);

/// What a session token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionClaims {
    pub user: UserId,
    pub session: SessionId,
    pub expires_at: Timestamp,
}

/// Why a token is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("not a session token of ours")]
    Invalid,
    #[error("the session token has expired")]
    Expired,
}

/// The token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("session token cannot be signed")]
pub struct SignError(#[from] jsonwebtoken::errors::Error);

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
}

struct VerifyingKey {
    id: String,
    key: DecodingKey,
}

/// Signs with the current key, reads with the current and earlier ones.
pub struct Tokens {
    key_id: String,
    signing: EncodingKey,
    verifying: Vec<VerifyingKey>,
    validation: Validation,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    pub fn new(current: &JwtKey, previous: &[JwtKey]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // Times are checked here, against the injected clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let verifying = std::iter::once(current)
            .chain(previous)
            .map(|key| VerifyingKey {
                id: key_id(key),
                key: DecodingKey::from_secret(key.bytes()),
            })
            .collect();
        Self {
            key_id: key_id(current),
            signing: EncodingKey::from_secret(current.bytes()),
            verifying,
            validation,
        }
    }

    pub fn sign(&self, claims: &SessionClaims, now: Timestamp) -> Result<String, SignError> {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.key_id.clone());
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user,
            sid: claims.session,
            iat: now.as_second(),
            nbf: now.as_second(),
            exp: claims.expires_at.as_second(),
        };
        Ok(jsonwebtoken::encode(&header, &claims, &self.signing)?)
    }

    pub fn read(&self, token: &str, now: Timestamp) -> Result<SessionClaims, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(TokenError::Invalid);
        }
        let key = self
            .verifying
            .iter()
            .find(|key| header.kid.as_deref() == Some(&key.id))
            .ok_or(TokenError::Invalid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.key, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        let leeway = LEEWAY.as_secs().cast_signed();
        let early = EARLY.as_secs().cast_signed();
        let now = now.as_second();
        if claims.nbf > now + early || claims.iat > now + early {
            return Err(TokenError::Invalid);
        }
        if claims.exp <= now - leeway {
            return Err(TokenError::Expired);
        }
        Ok(SessionClaims {
            user: claims.sub,
            session: claims.sid,
            expires_at: Timestamp::from_second(claims.exp).map_err(|_| TokenError::Invalid)?,
        })
    }
}

/// Names a key without telling it.
fn key_id(key: &JwtKey) -> String {
    let digest = Sha256::new()
        .chain_update(b"platen key id")
        .chain_update(key.bytes())
        .finalize();
    hex::encode(&digest[..8])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn key(byte: u8) -> JwtKey {
        JwtKey::new(vec![byte; 32]).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + seconds).unwrap()
    }

    fn claims() -> SessionClaims {
        SessionClaims {
            user: "0198c0de-0000-4000-8000-000000000001".parse().unwrap(),
            session: "0198c0de-0000-4000-8000-000000000002".parse().unwrap(),
            expires_at: at(900),
        }
    }

    fn good_claims() -> Value {
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": claims().user, "sid": claims().session,
            "iat": at(0).as_second(), "nbf": at(0).as_second(), "exp": at(900).as_second(),
        })
    }

    fn forged(header: &Header, claims: &Value, secret: &[u8]) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    fn good_header() -> Header {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key_id(&key(1)));
        header
    }

    #[test]
    fn reads_what_it_signed_until_it_expires() {
        let tokens = Tokens::new(&key(1), &[]);
        let token = tokens.sign(&claims(), at(0)).unwrap();
        assert_eq!(tokens.read(&token, at(0)), Ok(claims()));
        assert_eq!(tokens.read(&token, at(905)), Ok(claims()));
        assert_eq!(tokens.read(&token, at(911)), Err(TokenError::Expired));
        assert!(tokens.read(&token, at(-20 * 60)).is_ok());
        assert_eq!(tokens.read(&token, at(-1801)), Err(TokenError::Invalid));
    }

    #[test]
    fn keys_overlap_while_they_rotate() {
        let old = Tokens::new(&key(1), &[]);
        let token = old.sign(&claims(), at(0)).unwrap();
        let rotated = Tokens::new(&key(2), &[key(1)]);
        assert_eq!(rotated.read(&token, at(0)), Ok(claims()));
        let new = rotated.sign(&claims(), at(0)).unwrap();
        assert_eq!(rotated.read(&new, at(0)), Ok(claims()));
        let without = Tokens::new(&key(2), &[]);
        assert_eq!(without.read(&token, at(0)), Err(TokenError::Invalid));
    }

    #[test]
    fn every_claim_is_required() {
        let tokens = Tokens::new(&key(1), &[]);
        let good = forged(&good_header(), &good_claims(), key(1).bytes());
        assert!(tokens.read(&good, at(0)).is_ok());
        for claim in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
            let mut claims = good_claims();
            claims.as_object_mut().unwrap().remove(claim);
            let token = forged(&good_header(), &claims, key(1).bytes());
            assert_eq!(
                tokens.read(&token, at(0)),
                Err(TokenError::Invalid),
                "{claim}"
            );
        }
        for (claim, value) in [("iss", "other"), ("aud", "other"), ("sub", "admin")] {
            let mut claims = good_claims();
            claims[claim] = value.into();
            let token = forged(&good_header(), &claims, key(1).bytes());
            assert_eq!(
                tokens.read(&token, at(0)),
                Err(TokenError::Invalid),
                "{claim}"
            );
        }
    }

    #[test]
    fn the_header_decides_nothing() {
        let tokens = Tokens::new(&key(1), &[]);
        let mut wrong_type = good_header();
        wrong_type.typ = Some("JWT".to_owned());
        let mut no_key_id = good_header();
        no_key_id.kid = None;
        let mut other_algorithm = good_header();
        other_algorithm.alg = Algorithm::HS512;
        for header in [wrong_type, no_key_id, other_algorithm] {
            let token = forged(&header, &good_claims(), key(1).bytes());
            assert_eq!(
                tokens.read(&token, at(0)),
                Err(TokenError::Invalid),
                "{header:?}"
            );
        }
        let wrong_key = forged(&good_header(), &good_claims(), key(2).bytes());
        assert_eq!(tokens.read(&wrong_key, at(0)), Err(TokenError::Invalid));
    }

    #[test]
    fn an_unsigned_token_is_none() {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

        let tokens = Tokens::new(&key(1), &[]);
        let signed = tokens.sign(&claims(), at(0)).unwrap();
        let payload = signed.split('.').nth(1).unwrap();
        for algorithm in ["none", "None", "nOnE"] {
            let header = json!({"alg": algorithm, "typ": TYPE, "kid": tokens.key_id});
            let header = URL_SAFE_NO_PAD.encode(header.to_string());
            for token in [
                format!("{header}.{payload}."),
                format!("{header}.{payload}"),
            ] {
                assert_eq!(
                    tokens.read(&token, at(0)),
                    Err(TokenError::Invalid),
                    "{token}"
                );
            }
        }
        for token in ["", ".", "..", "a.b.c", &signed[..signed.len() - 1]] {
            assert_eq!(
                tokens.read(token, at(0)),
                Err(TokenError::Invalid),
                "{token}"
            );
        }
    }
}
