//! The `Range` header (RFC 9110, section 14.2).

use platen_pipeline::ByteRange;

/// What a client wants of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Everything: also when the header makes no sense, or asks for several ranges.
    Whole,
    Part(ByteRange),
    /// A range that lies outside of the file.
    Nothing,
}

impl Wanted {
    /// Reads the value of the header, for a file of `size` bytes.
    pub(crate) fn of(value: &str, size: u64) -> Self {
        let parts = value
            .split_once('=')
            .filter(|(unit, _)| unit.trim().eq_ignore_ascii_case("bytes"))
            .and_then(|(_, range)| range.trim().split_once('-'));
        let Some((first, last)) = parts else {
            return Self::Whole;
        };
        match (number(first), number(last)) {
            (Some(first), None) if last.is_empty() => Self::part(first, u64::MAX, size),
            (Some(first), Some(last)) if first <= last => Self::part(first, last, size),
            // The last so many bytes: all of them, when there are not so many.
            (None, Some(0)) if first.is_empty() => Self::Nothing,
            (None, Some(length)) if first.is_empty() => {
                Self::part(size.saturating_sub(length), u64::MAX, size)
            }
            _ => Self::Whole,
        }
    }

    fn part(first: u64, last: u64, size: u64) -> Self {
        if first < size {
            let last = last.min(size - 1);
            Self::Part(ByteRange { first, last })
        } else {
            Self::Nothing
        }
    }
}

/// Digits alone: no sign, no space. A number beyond all files is as good as the largest.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_can_be_had_of_an_empty_file() {
        for value in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
            assert_eq!(Wanted::of(value, 0), Wanted::Nothing, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_part_lies_within_the_file(value in "bytes=[0-9]{0,22}-[0-9]{0,22}", size in any::<u64>()) {
            if let Wanted::Part(ByteRange { first, last }) = Wanted::of(&value, size) {
                prop_assert!(first <= last && last < size);
            }
        }

        #[test]
        fn any_text_is_an_answer(value in ".{0,40}") {
            let _ = Wanted::of(&value, 100);
        }
    }
}
