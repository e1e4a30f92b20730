//! Pictures on demand: remembered, or drawn in turn.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use moka::future::Cache;
use platen_pipeline::{PdfKey, PdfStore, StoreError};

use crate::{
    Artist, ArtistError, Width,
    process::Drawing,
    telemetry,
    turns::{Busy, Turns},
};

/// Bytes of pictures that are remembered: some thousand small ones.
const MEMORY_BYTES: u64 = 32 * 1024 * 1024;

/// How long a picture is remembered that nobody asks for.
const FORGET_AFTER: Duration = Duration::from_hours(1);

/// What one remembered picture takes beside its bytes.
const ENTRY_BYTES: u32 = 256;

/// Why there is no answer now. Trying again may help.
#[derive(Debug, thiserror::Error)]
pub enum ThumbnailError {
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Deleted meanwhile, or lost.
    #[error("pdf {0} is not stored")]
    Missing(PdfKey),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Artist(#[from] ArtistError),
}

/// The pictures of first pages.
pub struct Thumbnails {
    store: Arc<dyn PdfStore>,
    artist: Arc<dyn Artist>,
    turns: Turns,
    /// An object never changes, so neither does its picture.
    drawn: Cache<(PdfKey, Width), Drawing>,
}

impl Thumbnails {
    pub fn new(store: Arc<dyn PdfStore>, artist: Arc<dyn Artist>) -> Self {
        let drawn = Cache::builder()
            .max_capacity(MEMORY_BYTES)
            .weigher(|_, drawing: &Drawing| {
                let bytes = drawing.as_ref().map_or(0, bytes::Bytes::len);
                u32::try_from(bytes).map_or(u32::MAX, |bytes| bytes.saturating_add(ENTRY_BYTES))
            })
            .time_to_idle(FORGET_AFTER)
            .build();
        Self {
            store,
            artist,
            turns: Turns::default(),
            drawn,
        }
    }

    /// The picture of a PDF. Those who ask for one that is being drawn wait for it together; it is
    /// given up when none of them waits any more.
    pub async fn get(&self, pdf: PdfKey, width: Width) -> Result<Drawing, Arc<ThumbnailError>> {
        let entry = self
            .drawn
            .entry((pdf, width))
            .or_try_insert_with(self.draw(pdf, width))
            .await?;
        if !entry.is_fresh() {
            telemetry::remembered();
        }
        Ok(entry.into_value())
    }

    async fn draw(&self, pdf: PdfKey, width: Width) -> Result<Drawing, ThumbnailError> {
        let _turn = self.turns.take(pdf.user).await.inspect_err(|_| {
            telemetry::busy();
        })?;
        let start = Instant::now();
        let result = self.read_and_draw(pdf, width).await;
        telemetry::tried(&result, start.elapsed());
        if let Ok(Err(why)) = &result {
            tracing::info!(user.id = %pdf.user, file.id = %pdf.file, %why, "pdf has no thumbnail");
        }
        result
    }

    async fn read_and_draw(&self, pdf: PdfKey, width: Width) -> Result<Drawing, ThumbnailError> {
        let object = self.store.get(&pdf, None).await?;
        let object = object.ok_or(ThumbnailError::Missing(pdf))?;
        Ok(self.artist.draw(object.body, width).await?)
    }
}
