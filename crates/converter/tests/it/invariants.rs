//! What has to hold once everything has come to rest, whatever happened before.

use futures::TryStreamExt;
use platen_pipeline::{FileKey, FileState, PdfKey};
use sha2::{Digest, Sha256};

use crate::world::World;

impl World {
    pub(crate) async fn objects(&self) -> Vec<PdfKey> {
        let keys = self.store().keys(None, 1000).await.unwrap();
        assert!(keys.len() < 1000);
        keys
    }

    async fn objects_of(&self, key: FileKey) -> Vec<PdfKey> {
        let mut keys = self.objects().await;
        keys.retain(|object| (object.user, object.file) == (key.user, key.file));
        keys
    }

    /// `ready` with one object whose hash matches, or `failed` without any.
    pub(crate) async fn assert_ended(&self, key: FileKey) {
        let record = self.record(key).await;
        let objects = self.objects_of(key).await;
        match &record.state {
            FileState::Ready { pdf, .. } => {
                assert_eq!(objects, [record.pdf_key()], "{record:?}");
                let object = self.store().get(&record.pdf_key(), None).await.unwrap();
                let object = object.unwrap();
                assert_eq!(object.size, pdf.size, "{record:?}");
                let bytes: Vec<bytes::Bytes> = object.body.try_collect().await.unwrap();
                let hash: [u8; 32] = Sha256::digest(bytes.concat()).into();
                assert!(
                    hash == pdf.sha256,
                    "another rendering lies there: {record:?}"
                );
            }
            FileState::Failed { .. } => assert_eq!(objects, [], "{record:?}"),
            _ => panic!("not ended: {record:?}"),
        }
    }

    /// Neither record nor object.
    pub(crate) async fn assert_gone(&self, key: FileKey) {
        assert_eq!(self.index().get(key).await.unwrap(), None);
        assert_eq!(self.objects_of(key).await, []);
    }

    /// Lets everything come to rest and checks every file, and that there is nothing beside them.
    pub(crate) async fn assert_all_well(&self, files: &[FileKey], deleted: &[FileKey]) {
        self.settle().await;
        // What no message is left for. The first finds what crashed before it was sent.
        self.pass_stale();
        self.sweeper().resend().await.unwrap();
        self.settle().await;
        self.sweeper().remove_orphans().await.unwrap();
        let mut ready = 0;
        for key in files {
            if deleted.contains(key) {
                self.assert_gone(*key).await;
                continue;
            }
            self.assert_ended(*key).await;
            ready += usize::from(matches!(
                self.record(*key).await.state,
                FileState::Ready { .. }
            ));
        }
        assert_eq!(
            self.objects().await.len(),
            ready,
            "after a sweep, objects = rows"
        );
        self.pass_stale();
        assert_eq!(self.sweeper().resend().await.unwrap(), 0, "work is left");
    }

    fn pass_stale(&self) {
        let stale_after = platen_converter::SweeperSettings::default().stale_after;
        self.clock.advance(stale_after * 2);
    }
}
