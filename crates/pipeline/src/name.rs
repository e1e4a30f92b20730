//! Names people see in lists and URLs.

use std::{fmt, str::FromStr};

use platen_api_types::FileId;

/// Name of a file: readable, unique among the user's files, only `[A-Za-z0-9._-]`, ends in `.pdf`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FileName {
    /// Longest readable part, in bytes; the rest is the short id and the ending.
    const READABLE: usize = 80;

    /// A name from what people recognise (`example.com/a/page`) and the end of the file's id.
    ///
    /// The last 40 bits of a UUIDv7 are random, so two files of one page get different names.
    pub fn new(readable: &str, id: FileId) -> Self {
        let name = Self::readable(readable);
        let short = id.as_uuid().as_u128() & 0xff_ffff_ffff;
        Self(format!("{name}-{short:010x}.pdf"))
    }

    /// The part of a name that people read.
    pub fn readable(text: &str) -> String {
        let mut name = String::with_capacity(Self::READABLE);
        for c in text.chars() {
            let c = if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') {
                c
            } else {
                '-'
            };
            let repeated = !c.is_ascii_alphanumeric()
                && name
                    .chars()
                    .next_back()
                    .is_none_or(|last| !last.is_ascii_alphanumeric());
            if !repeated {
                name.push(c);
            }
            if name.len() == Self::READABLE {
                break;
            }
        }
        name.truncate(
            name.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())
                .len(),
        );
        if name.is_empty() {
            name.push_str("page");
        }
        name
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text cannot be the name of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a file name: only A-Z a-z 0-9 . _ - and the ending .pdf")]
pub struct NameError;

impl FromStr for FileName {
    type Err = NameError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let valid = s.len() <= 255
            && s.strip_suffix(".pdf").is_some_and(|stem| {
                stem.starts_with(|c: char| c.is_ascii_alphanumeric())
                    && stem
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
            });
        if valid {
            Ok(Self(s.to_owned()))
        } else {
            Err(NameError)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id() -> FileId {
        "0198c0de-0000-7000-8000-00123456789a".parse().unwrap()
    }

    #[test]
    fn reads_like_the_page() {
        for (readable, name) in [
            (
                "example.com/a/page.html",
                "example.com-a-page.html-123456789a.pdf",
            ),
            ("", "page-123456789a.pdf"),
            ("../../etc/passwd", "etc-passwd-123456789a.pdf"),
            ("Árvíztűrő tükör", "rv-zt-r-t-k-r-123456789a.pdf"),
            ("--a--..b", "a-b-123456789a.pdf"),
        ] {
            assert_eq!(FileName::new(readable, id()).as_str(), name, "{readable:?}");
        }
    }

    #[test]
    fn refuses_paths() {
        for text in [
            "", ".pdf", "../a.pdf", "a/b.pdf", "a\\b.pdf", ".a.pdf", "a.exe", "a\0.pdf", "á.pdf",
        ] {
            assert!(text.parse::<FileName>().is_err(), "{text:?}");
        }
    }

    fn any_id() -> impl Strategy<Value = FileId> {
        any::<u128>().prop_map(|bits| FileId::from_uuid(uuid::Uuid::from_u128(bits)))
    }

    /// What people write, what attackers write, and what breaks parsers.
    fn any_readable() -> impl Strategy<Value = String> {
        prop_oneof![
            ".{0,300}",
            "[./\\\\:%~\\x00-\\x1f\u{202e} ]{0,40}",
            "(\\.\\./|%2e%2e%2f|C:\\\\|//|~/){0,5}[a-zA-Zű漢 ._-]{0,120}(\\.exe|\\.pdf|)",
        ]
    }

    /// What RFC 3986 leaves as it is wherever it stands in a URL, and no file system minds.
    fn is_plain(name: &str) -> bool {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    }

    proptest! {
        #[test]
        fn every_name_made_is_plain_bounded_and_a_name(readable in any_readable(), id in any_id()) {
            let name = FileName::new(&readable, id);
            let text = name.as_str();
            prop_assert!(is_plain(text), "{}", text);
            prop_assert!(text.starts_with(|first: char| first.is_ascii_alphanumeric()), "{}", text);
            prop_assert!(!text.contains("..") && !text.contains("--"), "{}", text);
            prop_assert!(text.len() <= 100, "{}", text);
            prop_assert_eq!(text.parse::<FileName>(), Ok(name.clone()));
        }

        #[test]
        fn names_differ_when_ids_differ_in_one_random_bit(
            readable in any_readable(), other in any_readable(), id in any_id(), bit in 0..40,
        ) {
            let neighbour = FileId::from_uuid(uuid::Uuid::from_u128(id.as_uuid().as_u128() ^ (1_u128 << bit)));
            prop_assert_ne!(FileName::new(&readable, id), FileName::new(&readable, neighbour));
            prop_assert_ne!(FileName::new(&readable, id), FileName::new(&other, neighbour));
        }

        #[test]
        fn a_name_made_again_is_the_same_and_reads_the_same(readable in any_readable(), id in any_id()) {
            let name = FileName::new(&readable, id);
            prop_assert_eq!(&FileName::new(&readable, id), &name);
            let read = FileName::readable(&readable);
            prop_assert_eq!(FileName::readable(&read), read);
        }

        #[test]
        fn a_text_is_a_name_only_if_it_is_plain(text in prop_oneof![any_readable(), "[./\\\\a-zű-]{0,4}\\.pdf"]) {
            if let Ok(name) = text.parse::<FileName>() {
                prop_assert_eq!(name.as_str(), &text);
                let stem = text.strip_suffix(".pdf");
                prop_assert!(stem.is_some_and(|stem| is_plain(stem) && !stem.starts_with('.')));
                prop_assert!(text.len() <= 255);
            }
        }
    }
}
