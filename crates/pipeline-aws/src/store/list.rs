//! Listing what is stored.

use platen_pipeline::{PdfKey, StoreError};

use super::S3Store;
use crate::error::FromSdk;

/// Keys that S3 lists at once.
const BATCH: usize = 1000;

impl S3Store {
    /// S3 lists in the order of the keys' bytes, which for these keys is that of their text.
    /// Objects that are no PDFs of ours are passed over.
    pub(super) async fn list(
        &self,
        after: Option<PdfKey>,
        limit: u16,
    ) -> Result<Vec<PdfKey>, StoreError> {
        let limit = usize::from(limit);
        let mut keys: Vec<PdfKey> = Vec::new();
        let mut after = after.map(|key| key.to_string());
        while keys.len() < limit {
            let wanted = (limit - keys.len()).min(BATCH);
            let output = self
                .client
                .list_objects_v2()
                .bucket(&*self.bucket)
                .prefix("users/")
                .set_start_after(after)
                .max_keys(i32::try_from(wanted).unwrap_or(i32::MAX))
                .send()
                .await
                .map_err(StoreError::from_sdk)?;
            let listed = output.contents();
            keys.extend(
                listed
                    .iter()
                    .filter_map(|object| object.key()?.parse::<PdfKey>().ok()),
            );
            after = listed.last().and_then(|object| object.key.clone());
            if after.is_none() || output.is_truncated != Some(true) {
                break;
            }
        }
        Ok(keys)
    }
}
