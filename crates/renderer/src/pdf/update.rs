use std::fmt::Write as _;

use super::{Dictionary, Layout};

/// What the document's information dictionary shall say besides what Chromium wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metadata<'a> {
    pub title: &'a str,
    /// Address that was printed.
    pub source: &'a str,
}

/// Bytes to append to a file of `length` bytes, so that its information dictionary, which was
/// `info`, also has the metadata.
pub(crate) fn update(
    layout: &Layout,
    length: u64,
    info: &Dictionary<'_>,
    metadata: Metadata<'_>,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    // Whether or not the file ends with a line break, the object begins on a line of its own.
    bytes.push(b'\n');
    let object_at = length + 1;
    bytes.extend_from_slice(format!("{} 0 obj\n<<", layout.info.0).as_bytes());
    for (key, value) in info.entries() {
        if !matches!(key, b"Title" | b"Subject") {
            entry(&mut bytes, key, value);
        }
    }
    if metadata.title.is_empty() {
        if let Some(title) = info.get("Title") {
            entry(&mut bytes, b"Title", title);
        }
    } else {
        entry(&mut bytes, b"Title", text(metadata.title).as_bytes());
    }
    entry(&mut bytes, b"Subject", text(metadata.source).as_bytes());
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
        let metadata = Metadata {
            title: "Ő \u{1F600})",
            source: "https://example.com/(a)?b=>>",
        };
        let length = 1000;
        let bytes = update(&layout, length, &info, metadata);
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
        let metadata = Metadata {
            title: "",
            source: "http://a/",
        };
        let bytes = update(&layout, 10, &info, metadata);
        assert!(memchr::memmem::find(&bytes, b"/Title (address)\n").is_some());
    }
}
