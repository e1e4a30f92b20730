//! Files, ids and bytes to try adapters with.

use bytes::Bytes;
use futures::{StreamExt, stream};
use platen_api_types::{Failure, FailureCode, FileId, PdfOptions, UserId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{ByteStream, FileName, NewFile, PdfFacts};

/// A user and a file nobody else has. Files made later have greater ids.
pub fn ids() -> (UserId, FileId) {
    (
        UserId::from_uuid(Uuid::now_v7()),
        FileId::from_uuid(Uuid::now_v7()),
    )
}

/// A request without an idempotency key.
pub fn new_file(user: UserId, id: FileId) -> NewFile {
    NewFile {
        user,
        id,
        name: FileName::new("example.com/page", id),
        url: "https://example.com/page".to_owned(),
        options: PdfOptions::default(),
        idempotency: None,
    }
}

pub fn facts(title: &str) -> PdfFacts {
    PdfFacts {
        title: Some(title.to_owned()),
        final_url: "https://example.com/page/".to_owned(),
        pages: 3,
        size: 12_345,
        sha256: Sha256::digest(title).into(),
    }
}

pub fn failure() -> Failure {
    FailureCode::HttpStatus.into()
}

/// `size` bytes in uneven pieces, and no two `seed`s alike.
pub fn content(seed: u8, size: usize) -> (Vec<u8>, ByteStream) {
    let bytes: Vec<u8> = (0..size)
        .map(|at| u8::try_from((at * 31 + at / 251) % 251).unwrap() ^ seed)
        .collect();
    let pieces: Vec<_> = bytes
        .chunks(64 * 1024 + 7)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    (bytes, stream::iter(pieces).boxed())
}
