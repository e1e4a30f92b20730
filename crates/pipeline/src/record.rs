//! The record of a file and the states it goes through.

use jiff::Timestamp;
use platen_api_types::{Failure, File, FileId, FileStatus, PdfOptions, Stage, UserId};

use crate::{FencingToken, FileName, PdfKey};

/// A file as the index keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRecord {
    pub user: UserId,
    pub id: FileId,
    pub name: FileName,
    pub url: String,
    pub options: PdfOptions,
    pub state: FileState,
    /// Token of the newest claim; 0 before the first.
    pub token: FencingToken,
    /// Claims since the request, or since it was last retried by hand.
    pub attempts: u32,
    pub created_at: Timestamp,
    /// When the record last changed.
    pub updated_at: Timestamp,
}

/// Where a file is on its way.
///
/// ```text
/// queued → rendering → ready | failed        rendering → queued    (given back, or lease died)
/// failed → queued (retried by hand)          any → deleting → gone
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum FileState {
    Queued,
    Rendering {
        lease: Lease,
        /// How far its holder has told that it is; a claim begins with the first.
        stage: Stage,
    },
    Ready {
        pdf: PdfFacts,
        finished_at: Timestamp,
    },
    Failed {
        failure: Failure,
        finished_at: Timestamp,
    },
    Deleting,
}

/// A converter's right to a file, until a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    pub until: Timestamp,
}

/// What is known of a stored PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PdfFacts {
    pub title: Option<String>,
    pub final_url: String,
    pub pages: u32,
    /// Bytes.
    pub size: u64,
    pub sha256: [u8; 32],
}

/// How a conversion ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ready(PdfFacts),
    Failed(Failure),
}

impl FileState {
    pub const fn status(&self) -> FileStatus {
        match self {
            Self::Queued => FileStatus::Queued,
            Self::Rendering { .. } => FileStatus::Rendering,
            Self::Ready { .. } => FileStatus::Ready,
            Self::Failed { .. } => FileStatus::Failed,
            Self::Deleting => FileStatus::Deleting,
        }
    }
}

impl FileRecord {
    /// Key of the PDF that counts, once `ready`.
    pub const fn pdf_key(&self) -> PdfKey {
        PdfKey {
            user: self.user,
            file: self.id,
            token: self.token,
        }
    }
}

impl From<FileRecord> for File {
    fn from(record: FileRecord) -> Self {
        let status = record.state.status();
        let stage = match record.state {
            FileState::Rendering { stage, .. } => Some(stage),
            _ => None,
        };
        let (pdf, reason, finished_at) = match record.state {
            FileState::Ready { pdf, finished_at } => (Some(pdf), None, Some(finished_at)),
            FileState::Failed {
                failure,
                finished_at,
            } => (None, Some(failure), Some(finished_at)),
            FileState::Queued | FileState::Rendering { .. } | FileState::Deleting => {
                (None, None, None)
            }
        };
        let (pages, size) = (
            pdf.as_ref().map(|pdf| pdf.pages),
            pdf.as_ref().map(|pdf| pdf.size),
        );
        let (title, final_url) = match pdf {
            Some(pdf) => (pdf.title, Some(pdf.final_url)),
            None => (None, None),
        };
        Self {
            id: record.id,
            name: record.name.as_str().to_owned(),
            url: record.url,
            final_url,
            title,
            status,
            stage,
            reason,
            pages,
            size,
            created_at: record.created_at,
            finished_at,
            options: record.options.without_secrets(),
        }
    }
}
