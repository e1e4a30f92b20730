//! What is told of a PDF that was saved.

use std::fmt;

use super::output::Output;

/// A PDF, and where it is.
pub(super) struct Saved {
    pub place: Output,
    pub pages: u32,
    /// Bytes.
    pub size: u64,
    /// Whether the page had come to its end when it was printed.
    pub complete: bool,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pages, size, .. } = *self;
        let sheets = if pages == 1 { "page" } else { "pages" };
        write!(
            f,
            "{}: {pages} {sheets}, {} kB",
            self.place,
            size.div_ceil(1000)
        )?;
        if !self.complete {
            f.write_str("; the page had not come to its end, this is what was there")?;
        }
        Ok(())
    }
}
