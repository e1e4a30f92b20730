//! The types of the API from and to JSON. The browser parses and writes, this maps its values: a
//! parser of our own would be a tenth of all that a person waits for, most of it to explain errors
//! that nobody reads.

mod read;
mod write;

use std::fmt;

use js_sys::JSON;
use serde::{Serialize, de, de::DeserializeOwned, ser};
use wasm_bindgen::JsValue;

/// The text is not what was expected. What exactly is wrong with it is the server's to know.
#[derive(Debug)]
pub(crate) struct Unreadable;

/// Reads what the browser has parsed.
pub(crate) fn from_value<T: DeserializeOwned>(value: JsValue) -> Result<T, Unreadable> {
    T::deserialize(read::Value(value))
}

pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    from_value(JSON::parse(text).map_err(|_| Unreadable)?)
}

pub(crate) fn to_string<T: Serialize>(value: &T) -> Result<String, Unreadable> {
    let value = value.serialize(write::Writer)?;
    JSON::stringify(&value)
        .map(String::from)
        .map_err(|_| Unreadable)
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the JSON that was expected")
    }
}

impl std::error::Error for Unreadable {}

impl ser::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

// Each one said here keeps its message, and what formats it, out of the bundle.
impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}
