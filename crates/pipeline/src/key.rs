//! Where a PDF lies in the store.

use std::{fmt, str::FromStr};

use platen_api_types::{FileId, UserId};

/// Grows with every claim of a file. A converter whose token is no longer the newest has lost the
/// file and can change nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FencingToken(pub u64);

impl fmt::Display for FencingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Key of one PDF: `users/{user_id}/{file_id}/{token}.pdf`. Opaque ids only, never user input.
///
/// The token keeps a converter that lost its lease from overwriting the PDF of the one that
/// replaced it: the record names the token whose object counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PdfKey {
    pub user: UserId,
    pub file: FileId,
    pub token: FencingToken,
}

impl fmt::Display for PdfKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "users/{}/{}/{}.pdf", self.user, self.file, self.token)
    }
}

/// The text is not the key of a PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the key of a pdf: {0:?}")]
pub struct KeyError(String);

impl FromStr for PdfKey {
    type Err = KeyError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (user, rest) = s.strip_prefix("users/")?.split_once('/')?;
            let (file, token) = rest.strip_suffix(".pdf")?.split_once('/')?;
            let key = Self {
                user: user.parse().ok()?,
                file: file.parse().ok()?,
                token: FencingToken(token.parse().ok()?),
            };
            // One spelling per key: what parses must print the same.
            (key.to_string() == s).then_some(key)
        };
        parse().ok_or_else(|| KeyError(s.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_spelling() {
        let text =
            "users/0198c0de-0000-7000-8000-000000000001/0198c0de-0000-7000-8000-000000000002/3.pdf";
        let key: PdfKey = text.parse().unwrap();
        assert_eq!(key.to_string(), text);
        for other in [
            text.to_uppercase(),
            text.replace("/3.pdf", "/03.pdf"),
            text.replace("/3.pdf", "/+3.pdf"),
            text.replace("users/", "users/../users/"),
            String::new(),
        ] {
            assert!(other.parse::<PdfKey>().is_err(), "{other:?}");
        }
    }
}
