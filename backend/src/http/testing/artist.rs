//! Draws in this very process, as tests bring only PDFs of their own. That a process of its own
//! contains the others is tested with the program, in `tests/`.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::TryStreamExt as _;
use platen_pipeline::ByteStream;
use platen_thumbnail::{Artist, ArtistError, Drawing, Width};

#[derive(Debug, Default)]
pub(crate) struct TestArtist {
    drawn: AtomicUsize,
}

impl TestArtist {
    /// How often it had to draw.
    pub(crate) fn drawn(&self) -> usize {
        self.drawn.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Artist for TestArtist {
    async fn draw(&self, pdf: ByteStream, width: Width) -> Result<Drawing, ArtistError> {
        self.drawn.fetch_add(1, Ordering::SeqCst);
        let chunks: Vec<_> = pdf.try_collect().await.map_err(ArtistError::Source)?;
        Ok(platen_thumbnail::draw(chunks.concat(), width).map(Into::into))
    }
}
