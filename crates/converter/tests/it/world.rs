//! A pipeline, pages, and what users did.

use std::{sync::Arc, time::Duration};

use platen_converter::{
    Converter, ConverterSettings, Handled, Ports, Sweeper, SweeperSettings, Undertaker,
};
use platen_egress::EgressPolicy;
use platen_pipeline::{
    ConversionQueue, Delivery, FileIndex, FileKey, FileRecord, Message, NewFile, PdfStore, Put,
    Quota,
    contract::{ManualClock, ids, new_file},
};
use platen_pipeline_local::{LocalPipeline, LocalSettings};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::{
    double::{Double, Page, Pages},
    gate::{Gate, Open, gated},
};

pub(crate) const SETTINGS: ConverterSettings = ConverterSettings {
    lease: Duration::from_mins(1),
    heartbeat: Duration::from_secs(20),
    attempts: 5,
    backoff: Duration::from_secs(2),
    longest_backoff: Duration::from_secs(30),
    // Nothing here lasts that long, so that what is written does not depend on how fast it goes.
    stage_patience: Duration::from_hours(1),
    job_limit: Duration::from_mins(10),
    finish_tries: 3,
    finish_pause: Duration::from_millis(1),
};
pub(crate) const MAX_RECEIVES: u32 = 12;
pub(crate) const NONE: Duration = Duration::ZERO;

/// What a test waits for and what has to come, without hanging when it does not.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    let limit = Duration::from_secs(20);
    tokio::time::timeout(limit, future).await.expect("in time")
}

pub(crate) struct World {
    pub(crate) pipeline: LocalPipeline,
    pub(crate) ports: Ports,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) pages: Arc<Pages>,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = ManualClock::new();
        let settings = LocalSettings {
            max_receives: MAX_RECEIVES,
            readers: 2,
        };
        let pipeline = LocalPipeline::open(folder.path(), clock.clone(), settings)
            .await
            .unwrap();
        let ports = Ports {
            index: pipeline.index.clone(),
            queue: pipeline.queue.clone(),
            store: pipeline.store.clone(),
        };
        Self {
            pipeline,
            ports,
            clock,
            pages: Pages::new(),
            _folder: folder,
        }
    }

    pub(crate) fn index(&self) -> &dyn FileIndex {
        self.ports.index.as_ref()
    }

    pub(crate) fn queue(&self) -> &dyn ConversionQueue {
        self.ports.queue.as_ref()
    }

    pub(crate) fn store(&self) -> &dyn PdfStore {
        self.ports.store.as_ref()
    }

    /// A converter that nothing happens to.
    pub(crate) fn converter(&self) -> Converter {
        self.converter_behind(&(Arc::new(Open) as Arc<dyn Gate>), SETTINGS)
    }

    pub(crate) fn converter_behind(
        &self,
        gate: &Arc<dyn Gate>,
        settings: ConverterSettings,
    ) -> Converter {
        let renderer = Double {
            pages: self.pages.clone(),
            gate: gate.clone(),
        };
        Converter::new(
            gated(&self.ports, gate),
            Arc::new(renderer),
            EgressPolicy::default(),
            self.clock.clone(),
            settings,
        )
    }

    pub(crate) fn undertaker(&self) -> Undertaker {
        Undertaker::new(
            self.ports.clone(),
            self.pipeline.dead_letters.clone(),
            self.clock.clone(),
            SETTINGS,
        )
    }

    pub(crate) fn sweeper(&self) -> Sweeper {
        Sweeper::new(
            self.ports.clone(),
            self.clock.clone(),
            SweeperSettings::default(),
        )
    }

    /// A record without a message, as a crash between the two leaves it.
    pub(crate) async fn accept(&self, page: Page) -> FileKey {
        let (user, file) = ids();
        self.accept_as(FileKey { user, file }, page).await
    }

    pub(crate) async fn accept_as(&self, key: FileKey, page: Page) -> FileKey {
        let FileKey { user, file } = key;
        let new = NewFile {
            url: page.url().to_owned(),
            ..new_file(user, file)
        };
        let put = self
            .index()
            .put_queued(new, Quota::UNLIMITED)
            .await
            .unwrap();
        assert!(matches!(put, Put::Created(_)), "{put:?}");
        key
    }

    pub(crate) async fn request(&self, page: Page) -> FileKey {
        let key = self.accept(page).await;
        self.send_convert(key).await;
        key
    }

    pub(crate) async fn send_convert(&self, key: FileKey) {
        let message = Message::convert(key.user, key.file);
        self.queue().send(&message).await.unwrap();
    }

    pub(crate) async fn send_delete(&self, key: FileKey) {
        let message = Message::delete(key.user, key.file);
        self.queue().send(&message).await.unwrap();
    }

    pub(crate) async fn delete(&self, key: FileKey) {
        self.index().mark_deleting(key).await.unwrap();
        self.send_delete(key).await;
    }

    pub(crate) async fn record(&self, key: FileKey) -> FileRecord {
        self.index().get(key).await.unwrap().unwrap()
    }

    /// The one message that is visible.
    pub(crate) async fn receive(&self) -> Delivery {
        let mut received = self.receive_all().await;
        assert_eq!(received.len(), 1, "{received:?}");
        received.remove(0)
    }

    pub(crate) async fn receive_all(&self) -> Vec<Delivery> {
        self.queue()
            .receive(100, NONE, SETTINGS.lease)
            .await
            .unwrap()
    }

    /// Handles the one message that is visible.
    pub(crate) async fn handle_next(&self) -> Handled {
        let delivery = self.receive().await;
        self.converter()
            .handle(delivery, CancellationToken::new())
            .await
    }

    /// Lets everything hidden appear, and every lease end.
    pub(crate) fn pass_time(&self) {
        self.clock.advance(SETTINGS.lease * 2);
    }

    /// Lets healthy converters work until both queues are empty.
    pub(crate) async fn settle(&self) {
        let converter = self.converter();
        for _ in 0..100 {
            let mut idle = true;
            for delivery in self.receive_all().await {
                idle = false;
                converter.handle(delivery, CancellationToken::new()).await;
            }
            let dead_letters = self.pipeline.dead_letters.clone();
            for delivery in dead_letters.receive(100, NONE, NONE).await.unwrap() {
                idle = false;
                self.undertaker().bury(delivery).await;
            }
            if idle && self.is_empty().await {
                return;
            }
            self.pass_time();
        }
        panic!("the queues do not get empty");
    }

    async fn is_empty(&self) -> bool {
        self.pass_time();
        for queue in [&self.pipeline.queue, &self.pipeline.dead_letters] {
            let left = queue.receive(1, NONE, NONE).await.unwrap();
            if !left.is_empty() {
                return false;
            }
        }
        true
    }
}
