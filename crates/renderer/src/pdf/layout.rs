use super::{Dictionary, UnknownShape};

/// Number of an indirect object; its generation is 0 in a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ObjectId(pub u32);

/// Bytes at the end of a file that hold all that [`Layout::parse`] needs.
const TAIL_BYTES: u32 = 1024;

/// Bytes of one entry of a cross-reference table (ISO 32000-1, 7.5.4).
const ENTRY_BYTES: u64 = 20;

/// The end of a file: where its cross-reference table stands, and its trailer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub xref_at: u64,
    /// Objects in the file, the free one included.
    pub size: u32,
    pub root: ObjectId,
    pub info: ObjectId,
}

impl Layout {
    pub(crate) const TAIL_BYTES: u32 = TAIL_BYTES;

    /// Reads the last [`Self::TAIL_BYTES`] of a file.
    pub(crate) fn parse(tail: &[u8]) -> Result<Self, UnknownShape> {
        let start =
            memchr::memmem::rfind(tail, b"startxref").ok_or(UnknownShape("no startxref"))?;
        let xref_at = tail
            .get(start + b"startxref".len()..)
            .and_then(first_number)
            .ok_or(UnknownShape("no offset after startxref"))?;
        let trailer = memchr::memmem::rfind(&tail[..start], b"trailer")
            .and_then(|at| tail.get(at + b"trailer".len()..start))
            .and_then(Dictionary::parse)
            .ok_or(UnknownShape("no trailer"))?;
        if trailer.get("Prev").is_some() || trailer.get("Encrypt").is_some() {
            return Err(UnknownShape("not a fresh plain file"));
        }
        Ok(Self {
            xref_at,
            size: trailer
                .number("Size")
                .and_then(|size| size.try_into().ok())
                .ok_or(UnknownShape("no size"))?,
            root: trailer.reference("Root").ok_or(UnknownShape("no root"))?,
            info: trailer.reference("Info").ok_or(UnknownShape("no info"))?,
        })
    }
}

/// Head of a cross-reference table of one section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct XrefHeader {
    /// Where its entries begin.
    entries_at: u64,
    size: u32,
}

impl XrefHeader {
    /// Bytes that hold the head.
    pub(crate) const BYTES: u32 = 32;

    /// Reads what stands at [`Layout::xref_at`].
    pub(crate) fn parse(layout: &Layout, bytes: &[u8]) -> Result<Self, UnknownShape> {
        let head = format!("xref\n0 {}\n", layout.size);
        if !bytes.starts_with(head.as_bytes()) {
            return Err(UnknownShape("no cross-reference table of one section"));
        }
        Ok(Self {
            entries_at: layout.xref_at + head.len() as u64,
            size: layout.size,
        })
    }

    /// Where the entry of an object stands; it is [`xref_entry`]'s to read.
    pub(crate) fn entry_at(&self, id: ObjectId) -> Result<u64, UnknownShape> {
        if id.0 >= self.size {
            return Err(UnknownShape("reference to no object"));
        }
        Ok(self.entries_at + ENTRY_BYTES * u64::from(id.0))
    }
}

/// Reads an entry of 20 bytes: the offset of an object in use.
pub(crate) fn xref_entry(entry: &[u8]) -> Result<u64, UnknownShape> {
    entry
        .get(10..18)
        .filter(|rest| *rest == b" 00000 n")
        .and_then(|_| first_number(entry))
        .ok_or(UnknownShape("no cross-reference entry"))
}

/// What stands between `1 0 obj` and `endobj`. `Ok(None)` when `bytes` end too early.
pub(crate) fn object_body(id: ObjectId, bytes: &[u8]) -> Result<Option<&[u8]>, UnknownShape> {
    let head = format!("{} 0 obj", id.0);
    let body = bytes
        .strip_prefix(head.as_bytes())
        .ok_or(UnknownShape("no object where the table says"))?;
    Ok(memchr::memmem::find(body, b"\nendobj").map(|end| &body[..end]))
}

fn first_number(bytes: &[u8]) -> Option<u64> {
    let text = bytes.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAIL: &[u8] = b"0000018041 00000 n \ntrailer\n<</Size 44\n/Root 31 0 R\n/Info 1 0 R>>\n\
        startxref\n26463\n%%EOF\n";

    #[test]
    fn the_end_of_a_file_tells_where_things_are() {
        let layout = Layout::parse(TAIL).unwrap();
        assert_eq!(
            layout,
            Layout {
                xref_at: 26463,
                size: 44,
                root: ObjectId(31),
                info: ObjectId(1),
            }
        );
        let header = XrefHeader::parse(&layout, b"xref\n0 44\n0000000000 65535 f \n").unwrap();
        assert_eq!(header.entry_at(ObjectId(2)), Ok(26463 + 10 + 40));
        assert!(header.entry_at(ObjectId(44)).is_err());
        assert_eq!(xref_entry(b"0000018041 00000 n \n"), Ok(18041));
        assert!(xref_entry(b"0000000000 65535 f \n").is_err());
    }

    #[test]
    fn an_object_must_be_the_one_asked_for() {
        let bytes = b"14 0 obj\n<</Count 2>>\nendobj\n";
        assert_eq!(
            object_body(ObjectId(14), bytes),
            Ok(Some(b"\n<</Count 2>>".as_slice()))
        );
        assert_eq!(object_body(ObjectId(14), &bytes[..15]), Ok(None));
        assert!(object_body(ObjectId(4), bytes).is_err());
    }

    proptest! {
        #[test]
        fn no_tail_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0usize..90) {
            let _ = Layout::parse(&bytes);
            let _ = Layout::parse(TAIL.get(cut..).unwrap_or_default());
            let _ = xref_entry(&bytes);
        }
    }
}
