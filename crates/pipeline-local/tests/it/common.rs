//! Pipelines in folders that go away with the test.

use std::sync::Arc;

use platen_pipeline::contract::{IndexHarness, ManualClock, QueueHarness, StoreHarness, Time};
use platen_pipeline_local::{LocalPipeline, LocalSettings};
use tempfile::TempDir;

pub(crate) const SETTINGS: LocalSettings = LocalSettings {
    max_receives: 3,
    readers: 2,
};

pub(crate) struct Opened {
    pub(crate) pipeline: LocalPipeline,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) folder: TempDir,
}

pub(crate) async fn open() -> Opened {
    let folder = TempDir::new().unwrap();
    let clock = ManualClock::new();
    let pipeline = LocalPipeline::open(folder.path(), clock.clone(), SETTINGS)
        .await
        .unwrap();
    Opened {
        pipeline,
        clock,
        folder,
    }
}

pub(crate) async fn index() -> IndexHarness {
    let opened = open().await;
    IndexHarness {
        index: opened.pipeline.index.clone(),
        clock: opened.clock.clone(),
        keep: Box::new(opened),
    }
}

pub(crate) async fn queue() -> QueueHarness {
    let opened = open().await;
    QueueHarness {
        queue: opened.pipeline.queue.clone(),
        dead_letters: opened.pipeline.dead_letters.clone(),
        max_receives: SETTINGS.max_receives,
        time: Time::Moved(opened.clock.clone()),
        keep: Box::new(opened),
    }
}

pub(crate) async fn store() -> StoreHarness {
    let opened = open().await;
    StoreHarness {
        store: opened.pipeline.store.clone(),
        keep: Box::new(opened),
    }
}
