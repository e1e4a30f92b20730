//! Margins of a sheet.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::Length;

/// Margins. In JSON one length for all four sides, or an object naming some; the others keep 1 cm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Margin {
    pub top: Length,
    pub right: Length,
    pub bottom: Length,
    pub left: Length,
}

impl Margin {
    pub const fn all(length: Length) -> Self {
        Self {
            top: length,
            right: length,
            bottom: length,
            left: length,
        }
    }
}

impl Default for Margin {
    /// 1 cm, about Chromium's own default of 0.4 in.
    fn default() -> Self {
        Self::all(Length::CENTIMETRE)
    }
}

impl<'de> Deserialize<'de> for Margin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Named {
            top: Length,
            right: Length,
            bottom: Length,
            left: Length,
        }

        impl Default for Named {
            fn default() -> Self {
                let Margin {
                    top,
                    right,
                    bottom,
                    left,
                } = Margin::default();
                Self {
                    top,
                    right,
                    bottom,
                    left,
                }
            }
        }

        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Margin;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length such as \"1cm\", or an object of top, right, bottom, left")
            }

            fn visit_str<E: de::Error>(self, v: &str) -> Result<Margin, E> {
                Length::deserialize(de::value::StrDeserializer::new(v)).map(Margin::all)
            }

            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Margin, E> {
                Length::deserialize(de::value::F64Deserializer::new(v)).map(Margin::all)
            }

            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Margin, E> {
                Length::deserialize(de::value::U64Deserializer::new(v)).map(Margin::all)
            }

            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Margin, E> {
                Length::deserialize(de::value::I64Deserializer::new(v)).map(Margin::all)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Margin, A::Error> {
                let Named {
                    top,
                    right,
                    bottom,
                    left,
                } = Named::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Margin {
                    top,
                    right,
                    bottom,
                    left,
                })
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

    use super::{Length, Margin};

    impl PartialSchema for Margin {
        fn schema() -> RefOr<Schema> {
            let mut sides = ObjectBuilder::new()
                .additional_properties(Some(AdditionalProperties::FreeForm(false)));
            for side in ["top", "right", "bottom", "left"] {
                sides = sides.property(side, Length::schema());
            }
            OneOfBuilder::new()
                .item(Length::schema())
                .item(sides)
                .description(Some(
                    "One length for all sides, or an object naming some of them.",
                ))
                .into()
        }
    }

    impl ToSchema for Margin {}
}
