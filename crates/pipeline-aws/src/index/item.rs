//! A file's record as an item, and back.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use jiff::Timestamp;
use platen_api_types::{Failure, FailureCode, FileStatus, Stage};
use platen_pipeline::{
    FencingToken, FileKey, FileRecord, FileState, Lease, PdfFacts, REMEMBERED, SearchText,
    read_options, write_options,
};

use super::{
    attribute as at,
    fields::{Fields, ItemError, number, text, time},
    key::{self, Item},
    table::shard,
};

/// Bytes of a page's title that are kept. A page may claim megabytes; an item holds 400 KB.
const TITLE_BYTES: usize = 4 * 1024;
/// Bytes of the final URL that are kept.
const FINAL_URL_BYTES: usize = 16 * 1024;
/// Bytes of a failure's sentence that are kept.
const DETAIL_BYTES: usize = 4 * 1024;

/// A record and what conditional writes need to know of its item.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stored {
    pub(super) record: FileRecord,
    pub(super) version: u64,
    pub(super) revision: u64,
}

impl Stored {
    /// What [`to_item`](Self::to_item) keeps of the record.
    pub(super) fn clipped(mut self) -> Self {
        match &mut self.record.state {
            FileState::Ready { pdf, .. } => {
                if let Some(title) = &mut pdf.title {
                    clip(title, TITLE_BYTES);
                }
                clip(&mut pdf.final_url, FINAL_URL_BYTES);
            }
            FileState::Failed { failure, .. } => clip(&mut failure.detail, DETAIL_BYTES),
            FileState::Queued | FileState::Rendering { .. } | FileState::Deleting => {}
        }
        self
    }

    pub(super) fn to_item(&self) -> Result<Item, ItemError> {
        let record = &self.record;
        let mut item = key::file(key_of(record));
        let options = write_options(&record.options)
            .map_err(|source| ItemError::malformed(at::OPTIONS, source))?;
        item.extend([
            text(at::NAME, record.name.as_str()),
            text(at::URL, &record.url),
            text(at::OPTIONS, options),
            text(at::STATUS, record.state.status().as_str()),
            number(at::TOKEN, record.token.0),
            number(at::ATTEMPTS, record.attempts),
            time(at::CREATED_AT, record.created_at),
            time(at::UPDATED_AT, record.updated_at),
            text(at::SEARCH, SearchText::of(record).as_str()),
            number(at::VERSION, self.version),
            number(at::REVISION, self.revision),
        ]);
        match &record.state {
            FileState::Queued | FileState::Deleting => {}
            FileState::Rendering { lease, stage } => {
                item.extend([time(at::LEASE_UNTIL, lease.until)]);
                let told = (*stage != Stage::default()).then(|| text(at::STAGE, stage.as_str()));
                item.extend(told);
            }
            FileState::Ready { pdf, finished_at } => {
                item.extend([
                    text(at::FINAL_URL, &pdf.final_url),
                    number(at::PAGES, pdf.pages),
                    number(at::SIZE, pdf.size),
                    (
                        at::SHA256.to_owned(),
                        AttributeValue::B(Blob::new(pdf.sha256)),
                    ),
                    time(at::FINISHED_AT, *finished_at),
                ]);
                item.extend(pdf.title.as_ref().map(|title| text(at::TITLE, title)));
            }
            FileState::Failed {
                failure,
                finished_at,
            } => item.extend([
                text(at::FAILURE_CODE, failure.code.as_str()),
                text(at::FAILURE_DETAIL, &failure.detail),
                time(at::FINISHED_AT, *finished_at),
            ]),
        }
        if let Some(due) = due(record) {
            item.extend([text(at::DUE_SHARD, shard(record.id)), time(at::DUE, due)]);
        }
        Ok(item)
    }

    pub(super) fn from_item(item: &Item) -> Result<Self, ItemError> {
        let fields = Fields(item);
        let state = match fields.parse(at::STATUS)? {
            FileStatus::Queued => FileState::Queued,
            FileStatus::Rendering => FileState::Rendering {
                lease: Lease {
                    until: fields.time(at::LEASE_UNTIL)?,
                },
                // One that this version does not know is not worth a record.
                stage: fields
                    .text_if_any(at::STAGE)
                    .and_then(|stage| stage.parse().ok())
                    .unwrap_or_default(),
            },
            FileStatus::Ready => FileState::Ready {
                pdf: PdfFacts {
                    title: fields.text_if_any(at::TITLE).map(str::to_owned),
                    final_url: fields.text(at::FINAL_URL)?.to_owned(),
                    pages: fields.number(at::PAGES)?,
                    size: fields.number(at::SIZE)?,
                    sha256: fields.digest(at::SHA256)?,
                },
                finished_at: fields.time(at::FINISHED_AT)?,
            },
            FileStatus::Failed => FileState::Failed {
                failure: Failure {
                    code: failure_code(fields.text(at::FAILURE_CODE)?)?,
                    detail: fields.text(at::FAILURE_DETAIL)?.to_owned(),
                },
                finished_at: fields.time(at::FINISHED_AT)?,
            },
            FileStatus::Deleting => FileState::Deleting,
        };
        Ok(Self {
            record: FileRecord {
                user: fields.parse(key::USER)?,
                id: fields.parse(key::FILE)?,
                name: fields.parse(at::NAME)?,
                url: fields.text(at::URL)?.to_owned(),
                options: read_options(fields.text(at::OPTIONS)?)
                    .map_err(|source| ItemError::malformed(at::OPTIONS, source))?,
                state,
                token: FencingToken(fields.number(at::TOKEN)?),
                attempts: fields.number(at::ATTEMPTS)?,
                created_at: fields.time(at::CREATED_AT)?,
                updated_at: fields.time(at::UPDATED_AT)?,
            },
            version: fields.number(at::VERSION)?,
            revision: fields.number(at::REVISION)?,
        })
    }

    /// What is remembered of the file once it is removed: that it was there, not what it was.
    pub(super) fn to_gone(&self, now: Timestamp) -> Item {
        let record = &self.record;
        let mut item = key::gone(key_of(record));
        item.extend([
            text(at::FORMER_NAME, record.name.as_str()),
            number(at::TOKEN, record.token.0),
            number(at::ATTEMPTS, record.attempts),
            time(at::CREATED_AT, record.created_at),
            time(at::UPDATED_AT, record.updated_at),
            number(at::REVISION, self.revision),
            expires_at(now),
        ]);
        item
    }

    /// A removed file, as far as it is remembered.
    pub(super) fn from_gone(id: FileKey, item: &Item) -> Result<Self, ItemError> {
        let fields = Fields(item);
        Ok(Self {
            record: FileRecord {
                user: id.user,
                id: id.file,
                name: fields.parse(at::FORMER_NAME)?,
                url: String::new(),
                options: platen_api_types::PdfOptions::default(),
                state: FileState::Deleting,
                token: FencingToken(fields.number(at::TOKEN)?),
                attempts: fields.number(at::ATTEMPTS)?,
                created_at: fields.time(at::CREATED_AT)?,
                updated_at: fields.time(at::UPDATED_AT)?,
            },
            version: 0,
            revision: fields.number(at::REVISION)?,
        })
    }
}

pub(super) fn key_of(record: &FileRecord) -> FileKey {
    FileKey {
        user: record.user,
        file: record.id,
    }
}

/// When the file begins to look forgotten, if nothing happens; `None` once it is finished.
pub(super) fn due(record: &FileRecord) -> Option<Timestamp> {
    match &record.state {
        FileState::Queued | FileState::Deleting => Some(record.updated_at),
        FileState::Rendering { lease, .. } => Some(record.updated_at.max(lease.until)),
        FileState::Ready { .. } | FileState::Failed { .. } => None,
    }
}

/// When something that is over is forgotten.
pub(super) fn expires_at(now: Timestamp) -> (String, AttributeValue) {
    let seconds = now
        .as_second()
        .saturating_add_unsigned(REMEMBERED.as_secs());
    number(at::EXPIRES_AT, seconds)
}

pub(super) fn has_expired(item: &Item, now: Timestamp) -> Result<bool, ItemError> {
    Ok(Fields(item).number::<i64>(at::EXPIRES_AT)? <= now.as_second())
}

fn failure_code(text: &str) -> Result<FailureCode, ItemError> {
    FailureCode::ALL
        .iter()
        .copied()
        .find(|code| code.as_str() == text)
        .ok_or(ItemError::Unknown(at::FAILURE_CODE))
}

fn clip(text: &mut String, bytes: usize) {
    text.truncate(text.floor_char_boundary(bytes));
}

#[cfg(test)]
mod tests;
