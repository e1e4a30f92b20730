//! Streams that Chromium holds, read in pieces.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use headless_chrome::protocol::cdp::IO;
use serde::Deserialize;

use crate::{
    RenderError, RetryReason,
    cdp::{Reply, Session, read},
    render::lost,
};

/// Bytes asked for at a time. In base64 they fit into the pipe at once.
pub(crate) const CHUNK_BYTES: u32 = 512 * 1024;

/// A piece of a stream.
pub(crate) struct Chunk {
    pub bytes: Bytes,
    pub is_last: bool,
}

/// Asks for the next bytes, or for those at `offset`, where the stream can go back.
pub(crate) fn ask(
    session: &Session,
    handle: &str,
    offset: Option<u32>,
    size: u32,
) -> Reply<IO::Read> {
    session.send(&IO::Read {
        handle: handle.to_owned(),
        offset,
        size: Some(size),
    })
}

/// Decodes straight from the frame: the generated type would copy the text first.
pub(crate) async fn answer(reply: Reply<IO::Read>) -> Result<Chunk, RenderError> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(rename = "base64Encoded")]
        base64_encoded: Option<bool>,
        #[serde(borrow)]
        data: Cow<'a, str>,
        eof: bool,
    }

    let raw = reply.raw().await.map_err(lost)?;
    let answer: Answer<'_> = read("IO.read", &raw).map_err(lost)?;
    let bytes = if answer.base64_encoded == Some(true) {
        STANDARD
            .decode(answer.data.as_bytes())
            .map_err(|_| RetryReason::UnknownPdf("stream is not base64"))?
    } else {
        answer.data.into_owned().into_bytes()
    };
    Ok(Chunk {
        bytes: bytes.into(),
        is_last: answer.eof,
    })
}
