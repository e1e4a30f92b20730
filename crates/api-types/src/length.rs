//! Lengths on paper, written as people write them: `"210mm"`, `"8.5in"`, or a number of inches.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Unit of a [`Length`], as CSS defines it (CSS Values and Units 4, section 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Inch,
    Centimetre,
    Millimetre,
    Point,
    Pica,
    Pixel,
}

impl Unit {
    const ALL: [Self; 6] = [
        Self::Inch,
        Self::Centimetre,
        Self::Millimetre,
        Self::Point,
        Self::Pica,
        Self::Pixel,
    ];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Inch => "in",
            Self::Centimetre => "cm",
            Self::Millimetre => "mm",
            Self::Point => "pt",
            Self::Pica => "pc",
            Self::Pixel => "px",
        }
    }

    const fn per_inch(self) -> f64 {
        match self {
            Self::Inch => 1.0,
            Self::Centimetre => 2.54,
            Self::Millimetre => 25.4,
            Self::Point => 72.0,
            Self::Pica => 6.0,
            Self::Pixel => 96.0,
        }
    }
}

/// Parts of a unit that a length is kept in.
const PARTS: u64 = 1_000_000;

/// Where lengths end, in parts.
const END: u64 = PARTS * 1_000_000_000;

/// Digits after the point that make one part.
const PLACES: usize = 6;

/// A non-negative length on paper, to a millionth of its unit. In JSON: a string with a unit, or a
/// number of inches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Below 10^15, so that every one is an `f64` too.
    millionths: u64,
    unit: Unit,
}

impl Length {
    /// One centimetre.
    pub const CENTIMETRE: Self = Self {
        millionths: PARTS,
        unit: Unit::Centimetre,
    };

    pub fn new(value: f64, unit: Unit) -> Result<Self, LengthError> {
        if !(0.0..=1e9).contains(&value) {
            return Err(LengthError);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number between 0 and 10^15"
        )]
        let millionths = (value * 1e6).round() as u64;
        // How near to the end a number is depends on who reads it: nobody needs such a length, and
        // nobody should be refused for its last digit.
        Self::of(millionths.min(END - 1), unit)
    }

    fn of(millionths: u64, unit: Unit) -> Result<Self, LengthError> {
        if millionths < END {
            Ok(Self { millionths, unit })
        } else {
            Err(LengthError)
        }
    }

    /// The length in inches, Chromium's unit for paper and margins.
    pub fn inches(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
        let value = self.millionths as f64 / 1e6;
        value / self.unit.per_inch()
    }

    /// The length in points, PDF's unit: 72 to the inch.
    pub fn points(self) -> f64 {
        self.inches() * 72.0
    }
}

/// The text was not a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthError;

impl fmt::Display for LengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a length is a number of inches, or a number with a unit \
             (in, cm, mm, pt, pc, px) such as \"210mm\"; it is not negative",
        )
    }
}

impl std::error::Error for LengthError {}

impl FromStr for Length {
    type Err = LengthError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let s = s.trim();
        let (number, unit) = Unit::ALL
            .into_iter()
            .find_map(|unit| Some((s.strip_suffix(unit.suffix())?, unit)))
            .unwrap_or((s, Unit::Inch));
        let number = number.trim_end();
        Self::of(decimal(number).ok_or(LengthError)?, unit)
    }
}

/// Digits with at most one point among them, in millionths.
///
/// Not by way of `f64`, whose text can be anything from "inf" to 10^308: no one writes paper that
/// way, and what reads and writes it is 20 kB compressed that the web app would make people wait
/// for.
fn decimal(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.len() + fraction.len();
    if digits == 0 || whole.len() > 9 || !whole.bytes().chain(fraction.bytes()).all(is_digit) {
        return None;
    }
    let places = fraction.bytes().chain(std::iter::repeat(b'0')).take(PLACES);
    let millionths = whole
        .bytes()
        .chain(places)
        .fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    let up = fraction
        .as_bytes()
        .get(PLACES)
        .is_some_and(|digit| *digit >= b'5');
    Some(millionths + u64::from(up))
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.millionths / PARTS, self.millionths % PARTS);
        write!(f, "{whole}")?;
        if rest > 0 {
            let places = format!("{rest:0PLACES$}");
            write!(f, ".{}", places.trim_end_matches('0'))?;
        }
        f.write_str(self.unit.suffix())
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Length;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length such as \"210mm\" or a number of inches")
            }

            fn visit_str<E: de::Error>(self, v: &str) -> Result<Length, E> {
                v.parse().map_err(E::custom)
            }

            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Length, E> {
                Length::new(v, Unit::Inch).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Length, E> {
                let inches = u32::try_from(v).map_err(|_| E::custom(LengthError))?;
                self.visit_f64(f64::from(inches))
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Length, E> {
                Err(E::custom(LengthError))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(feature = "openapi")]
mod openapi {
    use utoipa::openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, OneOfBuilder, SchemaType, Type},
    };

    impl utoipa::PartialSchema for super::Length {
        fn schema() -> RefOr<Schema> {
            let text = ObjectBuilder::new()
                .schema_type(SchemaType::new(Type::String))
                .pattern(Some(
                    r"^\s*([0-9]{1,9}\.?[0-9]*|\.[0-9]+)\s*(in|cm|mm|pt|pc|px)?\s*$",
                ));
            let number = ObjectBuilder::new()
                .schema_type(SchemaType::new(Type::Number))
                .minimum(Some(0))
                .maximum(Some(1_000_000_000));
            OneOfBuilder::new()
                .item(text)
                .item(number)
                .description(Some("A length with a unit, or a number of inches."))
                .into()
        }
    }

    impl utoipa::ToSchema for super::Length {}
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_units_and_plain_inches() {
        for (text, inches) in [
            ("8.5in", 8.5),
            ("210mm", 210.0 / 25.4),
            ("2.54cm", 1.0),
            ("72pt", 1.0),
            ("6 pc", 1.0),
            (" 96px ", 1.0),
            ("11", 11.0),
            ("0", 0.0),
        ] {
            let length: Length = text.parse().unwrap();
            assert!((length.inches() - inches).abs() < 1e-9, "{text}");
        }
        serde_json::from_str::<Length>("999999999.9999999").unwrap();
        let length: Length = serde_json::from_str("3").unwrap();
        assert!((length.inches() - 3.0).abs() < 1e-9);
    }

    #[test]
    fn refuses_what_is_not_a_length() {
        for text in [
            "",
            "mm",
            ".",
            "-1in",
            "+1in",
            "1e3mm",
            "nan",
            "inf",
            "1 em",
            "1,5cm",
            "1.2.3in",
            "1000000000mm",
            "999999999.9999999in",
        ] {
            assert!(text.parse::<Length>().is_err(), "{text:?}");
        }
        for json in ["-1", "-0.5", "null", "true", "[]", "18446744073709551615"] {
            assert!(serde_json::from_str::<Length>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["8.5in", "210mm", "12px", "0.000001pt", "123456789.654321cm"] {
            let length: Length = text.parse().unwrap();
            assert_eq!(length.to_string(), text);
        }
        let fine: Length = "0.3937007874015748in".parse().unwrap();
        assert_eq!(fine.to_string(), "0.393701in");
    }

    proptest! {
        #[test]
        fn every_length_reads_back(value in 0.0..1e9, unit in 0..Unit::ALL.len()) {
            let length = Length::new(value, Unit::ALL[unit]).unwrap();
            prop_assert_eq!(length.to_string().parse(), Ok(length));
        }

        #[test]
        fn agrees_with_the_standard_library(text in "[0-9]{0,9}(\\.[0-9]{0,20})?") {
            let parsed = text.parse().ok().and_then(|value| Length::new(value, Unit::Inch).ok());
            let read: Option<Length> = text.parse().ok();
            // A tie in decimal is none in binary: those may round either way.
            let near = |a: Length, b: Length| a.millionths.abs_diff(b.millionths) <= 1;
            let agree = match (read, parsed) {
                (Some(read), Some(parsed)) => near(read, parsed),
                (read, parsed) => read == parsed,
            };
            prop_assert!(agree);
        }
    }
}
