//! What a person can choose about a PDF, one entry for each control.

mod entry;
mod preset;
mod rules;
mod text;

pub use entry::{Entry, Kind};
pub use preset::Preset;
pub use rules::Blocked;
pub use text::Wrong;

#[cfg(test)]
mod tests {
    use platen_api_types::PdfOptions;

    use super::Entry;

    /// The defaults with some entries filled in.
    pub(super) fn options(entries: &[(Entry, &str)]) -> PdfOptions {
        let mut options = PdfOptions::default();
        for (entry, text) in entries {
            entry.write(&mut options, text).unwrap();
        }
        options
    }
}
