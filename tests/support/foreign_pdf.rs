//! PDFs as others make them: harmless ones, and some meant to harm whoever draws them.

use std::{fmt::Write as _, io::Write as _};

use anyhow::Result;
use flate2::{Compression, write::ZlibEncoder};

/// Bytes that the bomb unpacks to: more than drawing may take.
const BOMB: usize = 400 * 1024 * 1024;

const SHEET: &str = "/MediaBox[0 0 600 800]";

const PLAIN: &str = "1 0 0 rg 0 700 600 100 re f 0 g BT /F 60 Tf 40 500 Td (Not by Platen) Tj ET";

/// A PDF of one page, without a cross-reference table: readers find the objects themselves.
struct Objects(Vec<u8>);

impl Objects {
    fn of_page(entries: &str) -> Self {
        let head = format!(
            "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n\
             2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n\
             3 0 obj <</Type/Page/Parent 2 0 R/Contents 4 0 R{entries}>> endobj\n"
        );
        Self(head.into_bytes())
    }

    fn stream(mut self, number: usize, entries: &str, content: &[u8]) -> Self {
        let length = content.len();
        let head = format!("{number} 0 obj <</Length {length}{entries}>> stream\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\nendstream endobj\n");
        self
    }

    fn end(mut self) -> Vec<u8> {
        self.0
            .extend_from_slice(b"trailer <</Root 1 0 R>>\n%%EOF\n");
        self.0
    }
}

/// Half a page of red, and text in a font that it does not bring.
pub fn plain() -> Vec<u8> {
    let font = "/Resources<</Font<</F <</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>";
    Objects::of_page(&format!("{SHEET}{font}"))
        .stream(4, "", PLAIN.as_bytes())
        .end()
}

/// A page as large as a city.
pub fn huge() -> Vec<u8> {
    Objects::of_page("/MediaBox[0 0 1000000000 1000000000]")
        .stream(4, "", PLAIN.as_bytes())
        .end()
}

/// Few bytes that unpack to more than there is.
pub fn bomb() -> Result<Vec<u8>> {
    let packed = pack(&mut std::iter::repeat_n(&[b' '; 8192][..], BOMB / 8192))?;
    let packed = pack(&mut std::iter::once(&packed[..]))?;
    let filter = "/Filter[/FlateDecode/FlateDecode]";
    Ok(Objects::of_page(SHEET).stream(4, filter, &packed).end())
}

/// Lines upon lines.
pub fn scribble() -> Result<Vec<u8>> {
    let lines: &[u8] = &b"0 0 m 600 800 l 0 800 l 600 0 l S\n".repeat(1000);
    let packed = pack(&mut std::iter::repeat_n(lines, 1000))?;
    let filter = "/Filter/FlateDecode";
    Ok(Objects::of_page(SHEET).stream(4, filter, &packed).end())
}

/// Each drawing holds the next one twice: a thousand million in the end.
pub fn laughter() -> Vec<u8> {
    let mut pdf = Objects::of_page(&format!("{SHEET}/Resources<</XObject<</X 5 0 R>>>>")).stream(
        4,
        "",
        b"/X Do /X Do",
    );
    for number in 5..35 {
        let next = number + 1;
        let entries = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X {next} 0 R>>>>"
        );
        pdf = pdf.stream(number, &entries, b"/X Do /X Do");
    }
    pdf.stream(
        35,
        "/Type/XObject/Subtype/Form/BBox[0 0 600 800]",
        b"0 0 9 9 re f",
    )
    .end()
}

/// A drawing that holds itself.
pub fn snake() -> Vec<u8> {
    let entries = "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 5 0 R>>>>";
    Objects::of_page(&format!("{SHEET}/Resources<</XObject<</X 5 0 R>>>>"))
        .stream(4, "", b"/X Do")
        .stream(5, entries, b"/X Do /X Do")
        .end()
}

/// Lists in lists, a million deep.
pub fn abyss() -> Vec<u8> {
    Objects::of_page(SHEET)
        .stream(4, "", &b"[".repeat(1_000_000))
        .end()
}

/// The tree of pages has none.
pub fn no_pages() -> Vec<u8> {
    let text = String::from_utf8_lossy(&plain()).into_owned();
    text.replace("/Kids[3 0 R]/Count 1", "/Kids[]/Count 0")
        .into_bytes()
}

/// Every page is the parent of its parent.
pub fn ring() -> Vec<u8> {
    let mut text = String::from("%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n");
    for (number, kid) in [(2, 3), (3, 4), (4, 2)] {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{number} 0 obj <</Type/Pages/Kids[{kid} 0 R {kid} 0 R]/Count 9>> endobj"
        );
    }
    text.push_str("trailer <</Root 1 0 R>>\n%%EOF\n");
    text.into_bytes()
}

fn pack(parts: &mut dyn Iterator<Item = &[u8]>) -> Result<Vec<u8>> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    for part in parts {
        packed.write_all(part)?;
    }
    Ok(packed.finish()?)
}
