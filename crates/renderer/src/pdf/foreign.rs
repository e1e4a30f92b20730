use std::sync::Arc;

use hayro_syntax::Pdf;

/// Counts the pages of a PDF that somebody else made, and gives it back. `None` when it has none:
/// broken, truncated, locked, or something else altogether.
pub(crate) fn count_pages(bytes: Vec<u8>) -> Option<(Vec<u8>, u32)> {
    let is_pdf = bytes
        .get(..1024.min(bytes.len()))
        .is_some_and(|head| memchr::memmem::find(head, b"%PDF-").is_some());
    if !is_pdf || !is_whole(&bytes) {
        return None;
    }
    let bytes = Arc::new(bytes);
    let pages = {
        let pdf = Pdf::new(Arc::clone(&bytes)).ok()?;
        u32::try_from(pdf.pages().len()).ok()?
    };
    (pages > 0).then_some(())?;
    Some((Arc::into_inner(bytes)?, pages))
}

/// It ends as it must (ISO 32000-1, 7.5.5). Readers look for that in the last kilobyte.
fn is_whole(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(1024)..];
    memchr::memmem::find(tail, b"%%EOF").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pages, with a cross-reference table.
    fn small() -> Vec<u8> {
        let mut file = b"%PDF-1.4\n".to_vec();
        let mut offsets = Vec::new();
        for object in [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>",
        ] {
            offsets.push(file.len());
            let number = offsets.len();
            file.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
        }
        let xref = file.len();
        file.extend_from_slice(b"xref\n0 5\n0000000000 65535 f \n");
        for offset in offsets {
            file.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
        }
        let end = format!("trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n");
        file.extend_from_slice(end.as_bytes());
        file
    }

    #[test]
    fn pages_are_counted_and_the_file_comes_back_as_it_was() {
        assert_eq!(count_pages(small()), Some((small(), 2)));
    }

    #[test]
    fn what_is_no_whole_pdf_is_refused() {
        let whole = small();
        for file in [
            Vec::new(),
            b"<html>%%EOF".to_vec(),
            b"%PDF-1.4\n%%EOF".to_vec(),
            whole[..whole.len() - 8].to_vec(),
        ] {
            assert_eq!(count_pages(file), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn damage_does_not_panic(at in 9_usize..400, byte: u8) {
            let mut file = small();
            let at = at % file.len();
            file[at] = byte;
            let _ = count_pages(file);
        }
    }
}
