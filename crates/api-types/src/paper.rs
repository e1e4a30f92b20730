//! Sheets of paper.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Length;

/// Sheet of paper: a name, or width and height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Paper {
    Named(PaperName),
    Custom { width: Length, height: Length },
}

/// Standard sheets, portrait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PaperName {
    A3,
    A4,
    A5,
    Letter,
    Legal,
    Tabloid,
}

impl PaperName {
    /// Countries where Letter is the everyday sheet (Unicode CLDR, `paperSize`).
    const LETTER_COUNTRIES: [&str; 15] = [
        "BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE", "DO",
    ];

    /// Width and height in inches.
    pub const fn inches(self) -> (f64, f64) {
        const MM: f64 = 1.0 / 25.4;
        match self {
            Self::A3 => (297.0 * MM, 420.0 * MM),
            Self::A4 => (210.0 * MM, 297.0 * MM),
            Self::A5 => (148.0 * MM, 210.0 * MM),
            Self::Letter => (8.5, 11.0),
            Self::Legal => (8.5, 14.0),
            Self::Tabloid => (11.0, 17.0),
        }
    }

    /// Letter where the locale names a country that uses it, A4 elsewhere.
    pub(crate) fn of_locale(locale: Option<&str>) -> Self {
        let country = locale.and_then(|tag| {
            tag.split(['-', '_'])
                .skip(1)
                .find(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic()))
        });
        match country {
            Some(country)
                if Self::LETTER_COUNTRIES
                    .iter()
                    .any(|c| c.eq_ignore_ascii_case(country)) =>
            {
                Self::Letter
            }
            _ => Self::A4,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    width: Length,
    height: Length,
}

impl Serialize for Paper {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Named(name) => name.serialize(serializer),
            Self::Custom { width, height } => Sides { width, height }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Paper {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Paper;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a3, a4, a5, letter, legal, tabloid, \
                     or {\"width\": \"210mm\", \"height\": \"297mm\"}",
                )
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Paper, E> {
                PaperName::deserialize(de::value::StrDeserializer::new(name)).map(Paper::Named)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Paper, A::Error> {
                let Sides { width, height } =
                    Sides::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Paper::Custom { width, height })
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(feature = "openapi")]
mod openapi {
    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{
            RefOr, Schema,
            schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder},
        },
    };

    use super::{Length, Paper, PaperName};

    impl PartialSchema for Paper {
        fn schema() -> RefOr<Schema> {
            let custom = ObjectBuilder::new()
                .property("width", Length::schema())
                .property("height", Length::schema())
                .required("width")
                .required("height")
                .additional_properties(Some(AdditionalProperties::FreeForm(false)));
            OneOfBuilder::new()
                .item(PaperName::schema())
                .item(custom)
                .description(Some("Sheet of paper: a name, or width and height."))
                .into()
        }
    }

    impl ToSchema for Paper {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_follows_the_locale() {
        for (locale, name) in [
            (None, PaperName::A4),
            (Some("en"), PaperName::A4),
            (Some("en-US"), PaperName::Letter),
            (Some("es-mx"), PaperName::Letter),
            (Some("zh-Hant-TW"), PaperName::A4),
        ] {
            assert_eq!(PaperName::of_locale(locale), name, "{locale:?}");
        }
    }
}
