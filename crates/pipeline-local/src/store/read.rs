//! Getting.

use std::io::{self, SeekFrom};

use futures::StreamExt;
use platen_pipeline::{ByteRange, PdfKey, PdfObject, StoreError};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::{LocalStore, store_error};

/// Bytes read at once: few enough system calls for a fast disk, little enough memory for many
/// downloads.
const CHUNK: usize = 128 * 1024;

impl LocalStore {
    pub(super) async fn read(
        &self,
        key: &PdfKey,
        range: Option<ByteRange>,
    ) -> Result<Option<PdfObject>, StoreError> {
        let mut file = match tokio::fs::File::open(self.path(key)).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(store_error(error)),
        };
        let size = file.metadata().await.map_err(store_error)?.len();
        let length = match range {
            None => size,
            Some(ByteRange { first, last }) => {
                if first >= size || last < first {
                    return Err(StoreError::Range { size });
                }
                file.seek(SeekFrom::Start(first))
                    .await
                    .map_err(store_error)?;
                last.min(size - 1) - first + 1
            }
        };
        let capacity = usize::try_from(length).map_or(CHUNK, |length| length.min(CHUNK));
        let body = ReaderStream::with_capacity(file.take(length), capacity.max(1)).boxed();
        Ok(Some(PdfObject { size, body }))
    }
}
