use std::fmt::Write as _;

use platen_api_types::Metadata;

use super::{Dictionary, Layout};

/// What the document's information dictionary shall say besides what Chromium wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Info<'a> {
    /// Of the page; may be empty.
    pub title: &'a str,
    /// Address that was printed.
    pub source: &'a str,
    /// What the caller wants to be said instead.
    pub asked: &'a Metadata,
}

impl Info<'_> {
    /// Keys of the dictionary (ISO 32000-1, table 317) with their texts.
    fn entries(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Metadata {
            title,
            author,
            subject,
            keywords,
        } = self.asked;
        let own_title = (!self.title.is_empty()).then_some(self.title);
        [
            ("Title", title.as_deref().or(own_title)),
            ("Author", author.as_deref()),
            ("Subject", subject.as_deref().or(Some(self.source))),
            ("Keywords", keywords.as_deref()),
        ]
        .into_iter()
        .filter_map(|(key, text)| Some((key, text?)))
    }
}

/// Bytes to append to a file of `length` bytes, so that its information dictionary, which was
/// `info`, also says what is new.
pub(crate) fn update(
    layout: &Layout,
    length: u64,
    info: &Dictionary<'_>,
    new: Info<'_>,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    // Whether or not the file ends with a line break, the object begins on a line of its own.
    bytes.push(b'\n');
    let object_at = length + 1;
    bytes.extend_from_slice(format!("{} 0 obj\n<<", layout.info.0).as_bytes());
    for (key, value) in info.entries() {
        if !new.entries().any(|(own, _)| own.as_bytes() == key) {
            entry(&mut bytes, key, value);
        }
    }
    for (key, value) in new.entries() {
        entry(&mut bytes, key.as_bytes(), text(value).as_bytes());
    }
    bytes.extend_from_slice(b">>\nendobj\n");
    let xref_at = length + bytes.len() as u64;
    let trailer = format!(
        "xref\n{info} 1\n{object_at:010} 00000 n \ntrailer\n\
         <</Size {size}\n/Root {root} 0 R\n/Info {info} 0 R\n/Prev {prev}>>\n\
         startxref\n{xref_at}\n%%EOF\n",
        info = layout.info.0,
        size = layout.size,
        root = layout.root.0,
        prev = layout.xref_at,
    );
    bytes.extend_from_slice(trailer.as_bytes());
    bytes
}

fn entry(bytes: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    bytes.push(b'/');
    bytes.extend_from_slice(key);
    bytes.push(b' ');
    bytes.extend_from_slice(value);
    bytes.push(b'\n');
}

/// A text string in UTF-16 with byte order mark, in hexadecimal: no character needs an escape
/// (ISO 32000-1, 7.9.2.2).
fn text(text: &str) -> String {
    let mut hex = String::with_capacity(8 + 4 * text.len());
    hex.push_str("<FEFF");
    for unit in text.encode_utf16() {
        // Writing to a string does not fail.
        let _ = write!(hex, "{unit:04X}");
    }
    hex.push('>');
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::{ObjectId, XrefHeader, object_body, xref_entry};

    #[test]
    fn offsets_point_at_what_was_appended() {
        let layout = Layout {
            xref_at: 777,
            size: 44,
            root: ObjectId(31),
            info: ObjectId(1),
        };
        let info = Dictionary::parse(b"<</Title (old)\n/Creator (Chromium)>>").unwrap();
        let asked = Metadata {
            author: Some("Ada".to_owned()),
            ..Metadata::default()
        };
        let new = Info {
            title: "Ő \u{1F600})",
            source: "https://example.com/(a)?b=>>",
            asked: &asked,
        };
        let length = 1000;
        let bytes = update(&layout, length, &info, new);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let at = |offset: u64| usize::try_from(offset - length).unwrap();

        let (_, after) = text.split_once("startxref\n").unwrap();
        let xref_at: u64 = after.lines().next().unwrap().parse().unwrap();
        assert!(text[at(xref_at)..].starts_with("xref\n1 1\n"));
        let object_at = xref_entry(&bytes[at(xref_at) + 9..][..20]).unwrap();
        let body = object_body(ObjectId(1), &bytes[at(object_at)..])
            .unwrap()
            .unwrap();
        let written = Dictionary::parse(body).unwrap();
        assert_eq!(written.get("Creator"), Some(b"(Chromium)".as_slice()));
        assert_eq!(
            written.get("Title"),
            Some(b"<FEFF01500020D83DDE000029>".as_slice())
        );
        assert!(written.get("Subject").is_some());
        assert_eq!(
            written.get("Author"),
            Some(b"<FEFF004100640061>".as_slice())
        );
        assert!(text.contains("/Prev 777>>"));
    }

    #[test]
    fn chromiums_title_stays_when_the_page_has_none() {
        let layout = Layout {
            xref_at: 1,
            size: 2,
            root: ObjectId(1),
            info: ObjectId(1),
        };
        assert!(XrefHeader::parse(&layout, b"xref\n0 2\n").is_ok());
        let info = Dictionary::parse(b"<</Title (address)>>").unwrap();
        let asked = Metadata::default();
        let new = Info {
            title: "",
            source: "http://a/",
            asked: &asked,
        };
        let bytes = update(&layout, 10, &info, new);
        assert!(memchr::memmem::find(&bytes, b"/Title (address)\n").is_some());
    }

    #[test]
    fn what_the_caller_asks_for_wins() {
        let layout = Layout {
            xref_at: 1,
            size: 2,
            root: ObjectId(1),
            info: ObjectId(1),
        };
        let info = Dictionary::parse(b"<</Title (address)\n/Author (page)>>").unwrap();
        let all = |text: &str| Some(text.to_owned());
        let asked = Metadata {
            title: all("T"),
            author: all("A"),
            subject: all("S"),
            keywords: all("K"),
        };
        let new = Info {
            title: "of the page",
            source: "http://a/",
            asked: &asked,
        };
        let bytes = update(&layout, 10, &info, new);
        for (key, hex) in [
            ("Title", "0054"),
            ("Author", "0041"),
            ("Subject", "0053"),
            ("Keywords", "004B"),
        ] {
            let entry = format!("/{key} <FEFF{hex}>\n");
            let found = memchr::memmem::find_iter(&bytes, &format!("/{key} ")).count();
            assert_eq!(found, 1, "{key}");
            assert!(
                memchr::memmem::find(&bytes, entry.as_bytes()).is_some(),
                "{entry}"
            );
        }
    }
}
