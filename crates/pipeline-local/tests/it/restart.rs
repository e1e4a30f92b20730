//! What a start finds of the process before.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use platen_api_types::{File, Stage};
use platen_pipeline::{
    Claim, ConversionQueue, FencingToken, FileIndex, FileKey, Job, Message, PdfKey, PdfStore,
    Quota,
    contract::{content, ids, new_file},
};
use platen_pipeline_local::{LocalPipeline, OpenError};
use sqlx::{Connection, SqliteConnection};

use crate::common::{Opened, SETTINGS, open};

const HOUR: Duration = Duration::from_hours(1);

impl Opened {
    async fn accept(&self) -> FileKey {
        let (user, file) = ids();
        let put = self
            .pipeline
            .index
            .put_queued(new_file(user, file), Quota::UNLIMITED);
        put.await.unwrap();
        FileKey { user, file }
    }

    async fn send(&self, key: FileKey) {
        let message = Message::convert(key.user, key.file);
        self.pipeline.queue.send(&message).await.unwrap();
    }

    /// As after a crash: nothing is closed.
    async fn reopen(self) -> Self {
        let Self {
            pipeline,
            clock,
            folder,
        } = self;
        drop(pipeline);
        let pipeline = LocalPipeline::open(folder.path(), clock.clone(), SETTINGS)
            .await
            .unwrap();
        Self {
            pipeline,
            clock,
            folder,
        }
    }

    async fn visible(&self) -> Vec<Message> {
        let queue = &self.pipeline.queue;
        let received = queue.receive(100, Duration::ZERO, HOUR).await.unwrap();
        received
            .iter()
            .map(|delivery| delivery.message().unwrap())
            .collect()
    }
}

#[tokio::test]
async fn work_in_hand_is_handed_out_again_at_once() {
    let opened = open().await;
    let key = opened.accept().await;
    opened.send(key).await;
    assert_eq!(opened.visible().await.len(), 1);
    opened.pipeline.index.claim(key, HOUR).await.unwrap();

    let opened = opened.reopen().await;
    assert_eq!(opened.visible().await.len(), 1);
    match opened.pipeline.index.claim(key, HOUR).await.unwrap() {
        Claim::Claimed(record) => assert_eq!(record.token, FencingToken(2)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_never_sent_is_sent_once() {
    let opened = open().await;
    let unsent = opened.accept().await;
    let doomed = opened.accept().await;
    opened.pipeline.index.mark_deleting(doomed).await.unwrap();
    let sent = opened.accept().await;
    opened.send(sent).await;

    let opened = opened.reopen().await.reopen().await;
    let mut found: Vec<_> = opened
        .visible()
        .await
        .iter()
        .map(|message| (message.file, message.job))
        .collect();
    found.sort_by_key(|(file, _)| *file);
    let expected = [
        (unsent.file, Job::Convert),
        (doomed.file, Job::Delete),
        (sent.file, Job::Convert),
    ];
    assert_eq!(found, expected);
}

/// It is the way back: what it does not know is in nobody's way.
#[tokio::test]
async fn a_release_starts_where_a_later_one_has_been() {
    let opened = open().await;
    let key = opened.accept().await;
    opened.pipeline.index.claim(key, HOUR).await.unwrap();
    let path = opened.folder.path().join("pipeline.db");
    let url = format!("sqlite://{}", path.display());
    let mut later = SqliteConnection::connect(&url).await.unwrap();
    for change in [
        "INSERT INTO _sqlx_migrations
         (version, description, installed_on, success, checksum, execution_time)
         SELECT 9999, description, installed_on, success, checksum, execution_time
         FROM _sqlx_migrations WHERE version = 1",
        "ALTER TABLE files ADD COLUMN colour TEXT",
        "UPDATE files SET colour = 'red', stage = 'folding'",
    ] {
        sqlx::query(change).execute(&mut later).await.unwrap();
    }
    later.close().await.unwrap();

    let opened = opened.reopen().await;
    let record = opened.pipeline.index.get(key).await.unwrap().unwrap();
    assert_eq!(File::from(record).stage, Some(Stage::Loading));
    opened.accept().await;
}

#[tokio::test]
async fn half_written_pdfs_are_cleared() {
    let opened = open().await;
    let (user, file) = ids();
    let token = FencingToken(1);
    let key = PdfKey { user, file, token };
    let (_, body) = content(1, 1000);
    opened.pipeline.store.put(&key, body).await.unwrap();
    let incoming = opened.folder.path().join("pdfs/incoming");
    std::fs::write(incoming.join("half"), "%PDF-").unwrap();

    let opened = opened.reopen().await;
    assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 0);
    let keys = opened.pipeline.store.keys(None, 10).await.unwrap();
    assert_eq!(keys, [key]);
}

#[tokio::test]
async fn a_folder_is_one_process_own() {
    let opened = open().await;
    let again = LocalPipeline::open(opened.folder.path(), opened.clock.clone(), SETTINGS).await;
    assert!(matches!(again, Err(OpenError::InUse(_))), "{again:?}");
    // Parts that are still in use keep it, too.
    let Opened {
        pipeline,
        clock,
        folder,
    } = opened;
    let index = pipeline.index.clone();
    drop(pipeline);
    let again = LocalPipeline::open(folder.path(), clock.clone(), SETTINGS).await;
    assert!(matches!(again, Err(OpenError::InUse(_))), "{again:?}");
    index.ping().await.unwrap();
}

#[tokio::test]
async fn nobody_else_can_read_it() {
    let opened = open().await;
    let mode = |name| {
        let path = opened.folder.path().join(name);
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    for (name, expected) in [
        ("pdfs", 0o700),
        ("pipeline.db", 0o600),
        ("pipeline.db-wal", 0o600),
    ] {
        assert_eq!(mode(name), expected, "{name}");
    }
}
