//! What must be known of a PDF: how many pages it has, and where to add to it.
//!
//! Chromium's PDFs (Skia's) have one classic cross-reference table and plain objects, so all of it
//! stands near the end of the file, reachable from the last kilobyte (ISO 32000-1, 7.5). Nothing
//! else of the file is looked at, and nothing of it is rewritten: metadata is appended as an
//! incremental update (7.5.6). A file of any other shape is an error, not a guess.

mod dictionary;
mod foreign;
mod layout;
mod update;

pub(crate) use dictionary::Dictionary;
pub(crate) use foreign::count_pages;
pub(crate) use layout::{Layout, ObjectId, XrefHeader, object_body, xref_entry};
pub(crate) use update::{Info, update};

/// The PDF is not as Chromium is known to write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UnknownShape(pub &'static str);
