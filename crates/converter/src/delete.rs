//! The job `delete`, and the removal of single objects.

use std::ops::Range;

use platen_pipeline::{FencingToken, FileKey, FileRecord, FileState, PdfKey, StoreError};

use crate::{
    clerk::{Clerk, Next, PortError},
    orphan::is_orphan,
    telemetry,
};

impl Clerk {
    /// Objects first: as long as the record is there, somebody knows that they have to go.
    pub(crate) async fn delete(&self, key: FileKey) -> Result<Next, PortError> {
        match self.ports.index.get(key).await? {
            None => {}
            Some(record) if record.state == FileState::Deleting => {
                self.remove_objects(key, 1..record.token.0 + 1).await?;
                self.ports.index.remove(key).await?;
                telemetry::deleted();
            }
            // Nobody asked for it: the record is marked before the message is sent.
            Some(record) => {
                tracing::warn!(status = %record.state.status(), "file to delete is not marked so");
            }
        }
        Ok(Next::Acknowledge)
    }

    pub(crate) async fn remove_objects(
        &self,
        key: FileKey,
        tokens: Range<u64>,
    ) -> Result<(), StoreError> {
        for token in tokens {
            let object = PdfKey {
                user: key.user,
                file: key.file,
                token: FencingToken(token),
            };
            self.ports.store.delete(&object).await?;
        }
        Ok(())
    }

    pub(crate) async fn remove_if_orphan(
        &self,
        object: &PdfKey,
        record: Option<&FileRecord>,
    ) -> Result<(), StoreError> {
        if record.is_none_or(|record| is_orphan(object, record)) {
            self.ports.store.delete(object).await?;
        }
        Ok(())
    }
}
