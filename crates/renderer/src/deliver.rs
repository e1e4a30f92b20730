//! From Chromium's stream to the caller's.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::Stream;
use headless_chrome::protocol::cdp::IO;
use platen_api_types::{FailureCode, Metadata, limits};
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::{
    RenderError, RetryReason,
    cdp::Reply,
    fleet::Tab,
    pdf::{self, Dictionary, Info, Layout, ObjectId, XrefHeader},
    render::{Body, Printed},
    stream::{CHUNK_BYTES, answer, ask},
};

/// Chunks that may wait for the caller.
const CHUNKS_AHEAD: usize = 2;

/// Bytes of an object that is looked at; the largest, Chromium's page tree root, has a few hundred.
const OBJECT_BYTES: u32 = 64 * 1024;

/// What is known of a PDF once all of it has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PdfFacts {
    pub pages: u32,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of all bytes.
    pub sha256: [u8; 32],
}

/// The PDF in pieces. An error is the last item. Dropping it early throws the PDF away.
#[derive(Debug)]
pub struct PdfStream {
    chunks: mpsc::Receiver<Result<Bytes, RenderError>>,
}

impl Stream for PdfStream {
    type Item = Result<Bytes, RenderError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.chunks.poll_recv(context)
    }
}

/// Tells the facts of a PDF after its stream has ended.
#[derive(Debug)]
pub struct PdfOutcome {
    facts: oneshot::Receiver<PdfFacts>,
}

impl PdfOutcome {
    /// `None` when the stream ended with an error, or was dropped before its end.
    pub async fn facts(self) -> Option<PdfFacts> {
        self.facts.await.ok()
    }
}

/// Reads the PDF in the background, a little ahead of the caller. The tab and the job's place are
/// given back at the end.
pub(crate) fn deliver(
    tab: Tab,
    printed: Printed,
    asked: Metadata,
    place: OwnedSemaphorePermit,
) -> (PdfStream, PdfOutcome) {
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    let (tell, facts) = oneshot::channel();
    tab.mute();
    let (handle, document) = match printed.body {
        Body::Stream(handle) => (handle, None),
        Body::Document { bytes, pages } => (String::new(), Some((Bytes::from(bytes), pages))),
    };
    let mut delivery = Delivery {
        tab,
        handle,
        hash: Sha256::new(),
        size: 0,
        recent: Recent::default(),
        sender,
    };
    tokio::spawn(async move {
        let source = printed.facts.final_url;
        let info = Info {
            title: &printed.facts.title,
            source: source.as_str(),
            asked: &asked,
        };
        let delivered = match document {
            None => delivery.run(info).await,
            Some((bytes, pages)) => delivery.hand_over(bytes, pages).await,
        };
        match delivered {
            Ok(facts) => {
                // Nobody may want to know.
                let _ = tell.send(facts);
            }
            Err(Stopped::Failed(error)) => {
                let _ = delivery.sender.send(Err(error)).await;
            }
            Err(Stopped::Unwanted) => {}
        }
        drop(delivery);
        drop(place);
    });
    (PdfStream { chunks }, PdfOutcome { facts })
}

struct Delivery {
    tab: Tab,
    /// Of the stream that holds the PDF, where one does.
    handle: String,
    hash: Sha256,
    size: u64,
    recent: Recent,
    sender: mpsc::Sender<Result<Bytes, RenderError>>,
}

enum Stopped {
    Failed(RenderError),
    /// The caller has dropped the stream.
    Unwanted,
}

impl From<RenderError> for Stopped {
    fn from(error: RenderError) -> Self {
        Self::Failed(error)
    }
}

impl From<pdf::UnknownShape> for Stopped {
    fn from(pdf::UnknownShape(what): pdf::UnknownShape) -> Self {
        Self::Failed(RetryReason::UnknownPdf(what).into())
    }
}

impl Delivery {
    async fn run(&mut self, new: Info<'_>) -> Result<PdfFacts, Stopped> {
        // The next read is under way while a chunk is dealt with.
        let mut under_way = self.ask(None, CHUNK_BYTES);
        loop {
            let next = self.ask(None, CHUNK_BYTES);
            let chunk = answer(under_way).await?;
            under_way = next;
            if !chunk.bytes.is_empty() {
                self.recent.push(self.size, chunk.bytes.clone());
                self.pass_on(chunk.bytes).await?;
            }
            if chunk.is_last {
                break;
            }
        }
        let _ = answer(under_way).await?;

        let layout = self.layout().await?;
        let update = self.look_through(&layout, new).await?;
        self.pass_on(update.bytes.into()).await?;
        Ok(self.facts(update.pages))
    }

    /// A PDF that was one from the start stays as it is.
    async fn hand_over(&mut self, mut bytes: Bytes, pages: u32) -> Result<PdfFacts, Stopped> {
        while !bytes.is_empty() {
            let chunk = bytes.split_to(bytes.len().min(CHUNK_BYTES as usize));
            self.pass_on(chunk).await?;
        }
        Ok(self.facts(pages))
    }

    fn facts(&mut self, pages: u32) -> PdfFacts {
        PdfFacts {
            pages,
            size: self.size,
            sha256: std::mem::take(&mut self.hash).finalize().into(),
        }
    }

    async fn pass_on(&mut self, bytes: Bytes) -> Result<(), Stopped> {
        self.size += bytes.len() as u64;
        if self.size > limits::PDF_BYTES {
            return Err(RenderError::fail(FailureCode::OutputTooLarge).into());
        }
        self.hash.update(&bytes);
        self.sender
            .send(Ok(bytes))
            .await
            .map_err(|_| Stopped::Unwanted)
    }

    async fn layout(&self) -> Result<Layout, Stopped> {
        let start = self.size.saturating_sub(Layout::TAIL_BYTES.into());
        let tail = self.read_at(start, Layout::TAIL_BYTES).await?;
        Ok(Layout::parse(&tail)?)
    }

    /// Counts the pages and makes the update that carries the metadata.
    async fn look_through(&self, layout: &Layout, new: Info<'_>) -> Result<Update, Stopped> {
        let header = self.read_at(layout.xref_at, XrefHeader::BYTES).await?;
        let header = XrefHeader::parse(layout, &header)?;
        let catalog = self.object(&header, layout.root).await?;
        let pages = dictionary(layout.root, &catalog)?
            .reference("Pages")
            .ok_or(pdf::UnknownShape("no page tree"))?;
        let tree = self.object(&header, pages).await?;
        let pages = dictionary(pages, &tree)?
            .number("Count")
            .and_then(|count| u32::try_from(count).ok())
            .ok_or(pdf::UnknownShape("no page count"))?;
        if pages > limits::PDF_PAGES {
            return Err(RenderError::fail(FailureCode::TooManyPages).into());
        }
        let info = self.object(&header, layout.info).await?;
        let info = dictionary(layout.info, &info)?;
        Ok(Update {
            pages,
            bytes: pdf::update(layout, self.size, &info, new),
        })
    }

    async fn object(&self, header: &XrefHeader, id: ObjectId) -> Result<Bytes, Stopped> {
        let entry = self.read_at(header.entry_at(id)?, 20).await?;
        self.read_at(pdf::xref_entry(&entry)?, OBJECT_BYTES).await
    }

    /// Bytes of the file, up to its end: those just passed on, or asked for again.
    async fn read_at(&self, offset: u64, size: u32) -> Result<Bytes, Stopped> {
        if let Some(bytes) = self.recent.get(offset, size) {
            return Ok(bytes);
        }
        let offset = u32::try_from(offset)
            .map_err(|_| pdf::UnknownShape("offset beyond the end of the file"))?;
        Ok(answer(self.ask(Some(offset), size)).await?.bytes)
    }

    fn ask(&self, offset: Option<u32>, size: u32) -> Reply<IO::Read> {
        ask(&self.tab.session, &self.handle, offset, size)
    }
}

struct Update {
    pages: u32,
    bytes: Vec<u8>,
}

fn dictionary(id: ObjectId, object: &[u8]) -> Result<Dictionary<'_>, pdf::UnknownShape> {
    pdf::object_body(id, object)?
        .and_then(Dictionary::parse)
        .ok_or(pdf::UnknownShape("no dictionary where one must be"))
}

/// The last chunks of the file, so that its end need not be read twice.
#[derive(Default)]
struct Recent {
    chunks: std::collections::VecDeque<(u64, Bytes)>,
}

impl Recent {
    const KEPT: usize = 2;

    fn push(&mut self, offset: u64, bytes: Bytes) {
        if self.chunks.len() == Self::KEPT {
            self.chunks.pop_front();
        }
        self.chunks.push_back((offset, bytes));
    }

    /// Up to `size` bytes from `offset`, when they lie in one chunk or at the end of the last.
    fn get(&self, offset: u64, size: u32) -> Option<Bytes> {
        let last = self.chunks.len().checked_sub(1)?;
        self.chunks
            .iter()
            .enumerate()
            .find_map(|(at, (start, bytes))| {
                let from = usize::try_from(offset.checked_sub(*start)?).ok()?;
                let to = from.checked_add(usize::try_from(size).ok()?)?;
                if to <= bytes.len() {
                    Some(bytes.slice(from..to))
                } else if at == last && from < bytes.len() {
                    Some(bytes.slice(from..))
                } else {
                    None
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_bytes_are_found_and_others_are_not() {
        let mut recent = Recent::default();
        for (offset, bytes) in [(0, "aaaa"), (4, "bbbb"), (8, "cc")] {
            recent.push(offset, Bytes::from_static(bytes.as_bytes()));
        }
        assert_eq!(recent.get(0, 1), None);
        assert_eq!(recent.get(5, 2).as_deref(), Some(b"bb".as_slice()));
        assert_eq!(recent.get(7, 2), None);
        assert_eq!(recent.get(9, 100).as_deref(), Some(b"c".as_slice()));
        assert_eq!(recent.get(10, 1), None);
    }
}
