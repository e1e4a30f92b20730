//! Bodies name their fields.
//!
//! A derived `Deserialize` reads a struct from an array, too: its fields in the order in which our
//! source has them. No client shall come to rely on that.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A `T` that is written as an object and in no other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Named(PhantomData)).map(Object)
    }
}

struct Named<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Named<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// For `#[serde(deserialize_with)]`: a field that is an object.
pub(crate) fn one<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|Object(value)| value)
}

/// For `#[serde(deserialize_with)]`: a field that is an array of objects.
pub(crate) fn many<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(value)| value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NewRequest, Viewport};

    #[test]
    fn an_array_is_no_object() {
        let read = serde_json::from_str::<Object<Viewport>>;
        let viewport = Viewport {
            width: 1,
            height: 2,
        };
        assert_eq!(read(r#"{"width":1,"height":2}"#).unwrap().0, viewport);
        for wrong in ["[1,2]", "[]", "1", "null", "\"1\""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nor_is_one_within_a_request() {
        for options in [
            "[]",
            r#"{"wait":[null,null,0]}"#,
            r#"{"viewport":[1,2]}"#,
            r#"{"metadata":[]}"#,
            r#"{"cookies":[["a","b"]]}"#,
            r#"{"margin":["1cm","1cm","1cm","1cm"]}"#,
            r#"{"paper":["1cm","1cm"]}"#,
        ] {
            let body = format!(r#"{{"url":"https://example.com/","options":{options}}}"#);
            assert!(serde_json::from_str::<NewRequest>(&body).is_err(), "{body}");
        }
    }
}
