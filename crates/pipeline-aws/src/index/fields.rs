//! Attributes of an item, read and written by type.

use std::{error::Error as StdError, fmt::Display, str::FromStr};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use platen_pipeline::IndexError;

use super::key::Item;

/// An item is not what this version writes.
#[derive(Debug, thiserror::Error)]
pub(super) enum ItemError {
    #[error("the item has no {0} of the expected type")]
    Missing(&'static str),
    #[error("the item has a {0} that this version does not know")]
    Unknown(&'static str),
    #[error("the item's {attribute} cannot be read")]
    Malformed {
        attribute: &'static str,
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl ItemError {
    pub(super) fn malformed(
        attribute: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Malformed {
            attribute,
            source: source.into(),
        }
    }
}

impl From<ItemError> for IndexError {
    fn from(error: ItemError) -> Self {
        Self::Failed(error.into())
    }
}

pub(super) struct Fields<'a>(pub(super) &'a Item);

impl<'a> Fields<'a> {
    pub(super) fn text_if_any(&self, name: &'static str) -> Option<&'a str> {
        Some(self.0.get(name)?.as_s().ok()?)
    }

    pub(super) fn text(&self, name: &'static str) -> Result<&'a str, ItemError> {
        self.text_if_any(name).ok_or(ItemError::Missing(name))
    }

    pub(super) fn parse<T>(&self, name: &'static str) -> Result<T, ItemError>
    where
        T: FromStr<Err: StdError + Send + Sync + 'static>,
    {
        self.text(name)?
            .parse()
            .map_err(|source| ItemError::malformed(name, source))
    }

    pub(super) fn number<T>(&self, name: &'static str) -> Result<T, ItemError>
    where
        T: FromStr<Err: StdError + Send + Sync + 'static>,
    {
        let value = self.0.get(name).ok_or(ItemError::Missing(name))?;
        let digits = value.as_n().map_err(|_| ItemError::Missing(name))?;
        digits
            .parse()
            .map_err(|source| ItemError::malformed(name, source))
    }

    pub(super) fn time(&self, name: &'static str) -> Result<Timestamp, ItemError> {
        Timestamp::from_millisecond(self.number(name)?)
            .map_err(|source| ItemError::malformed(name, source))
    }

    pub(super) fn digest(&self, name: &'static str) -> Result<[u8; 32], ItemError> {
        let value = self.0.get(name).ok_or(ItemError::Missing(name))?;
        let bytes = value.as_b().map_err(|_| ItemError::Missing(name))?;
        bytes
            .as_ref()
            .try_into()
            .map_err(|source| ItemError::malformed(name, source))
    }
}

pub(super) fn text(name: &str, value: impl Into<String>) -> (String, AttributeValue) {
    (name.to_owned(), AttributeValue::S(value.into()))
}

pub(super) fn number(name: &str, value: impl Display) -> (String, AttributeValue) {
    (name.to_owned(), AttributeValue::N(value.to_string()))
}

pub(super) fn time(name: &str, value: Timestamp) -> (String, AttributeValue) {
    number(name, value.as_millisecond())
}
