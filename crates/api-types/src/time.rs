//! Times in JSON: `2026-11-21T03:07:05.123456Z`, RFC 3339 in UTC and nothing else.
//!
//! Writing is jiff's. Reading is done here, because jiff's parser reads every form there is and
//! explains every error: in the web app it weighs 30 kB compressed, a sixth of all that a person
//! has to wait for, to read the one form that the server writes.

use std::fmt;

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use serde::{Deserializer, Serialize, Serializer, de};

pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    time.serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Timestamp, D::Error> {
    struct Visitor;

    impl de::Visitor<'_> for Visitor {
        type Value = Timestamp;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a time in UTC such as \"2026-11-21T03:07:05Z\"")
        }

        fn visit_str<E: de::Error>(self, v: &str) -> Result<Timestamp, E> {
            read(v).ok_or_else(|| E::invalid_value(de::Unexpected::Str(v), &self))
        }
    }

    deserializer.deserialize_str(Visitor)
}

/// The same for a time that may be absent.
pub(crate) mod option {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(
        clippy::ref_option,
        reason = "serde calls it with a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Time(#[serde(with = "super")] Timestamp);

        Ok(Option::<Time>::deserialize(deserializer)?.map(|time| time.0))
    }
}

fn read(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let places = fraction.len();
    let nanosecond = number(fraction, 1..=9)? * 10_i32.pow(9 - u32::try_from(places).ok()?);
    let civil = DateTime::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
        nanosecond,
    );
    Offset::UTC.to_timestamp(civil.ok()?).ok()
}

/// Three numbers of these many digits.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[i32; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        *number = self::number(parts.next()?, digits..=digits)?;
    }
    parts.next().is_none().then_some(numbers)
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i32> {
    let plain = digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reads_what_jiff_writes(
            // The years 0000 to 9999: others do not occur, and RFC 3339 has none.
            second in -62_167_219_200_i64..253_402_300_800,
            nanosecond in 0..1_000_000_000_i32,
        ) {
            let time = Timestamp::new(second, nanosecond).unwrap();
            prop_assert_eq!(read(&time.to_string()), Some(time));
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            read(&text);
        }

        #[test]
        fn agrees_with_jiff(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-5][0-9](\\.[0-9]{1,9})?Z") {
            prop_assert_eq!(read(&text), text.parse().ok());
        }
    }

    #[test]
    fn refuses_other_forms() {
        for text in [
            "",
            "Z",
            "2026-11-21",
            "2026-11-21T03:07:05",
            "2026-11-21T03:07:05+00:00",
            "2026-11-21 03:07:05Z",
            "2026-11-21T03:07:05.Z",
            "2026-11-21T03:07:05.1234567890Z",
            "2026-11-21T03:07Z",
            "2026-11-21T+3:07:05Z",
            "2026-02-30T00:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
