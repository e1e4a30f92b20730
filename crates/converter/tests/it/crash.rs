//! A crash, or a fault, at every call of every port.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use platen_pipeline::{FileKey, FileState};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    double::Page,
    gate::{Gate, Verdict},
    world::{SETTINGS, World},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    CrashBefore,
    CrashAfter,
    FailBefore,
    FailAfter,
    /// Stands still here while another takes over, and wakes up when that one is done.
    Sleep,
}

const FAULTS: [Fault; 5] = [
    Fault::CrashBefore,
    Fault::CrashAfter,
    Fault::FailBefore,
    Fault::FailAfter,
    Fault::Sleep,
];

/// Lets calls through up to one.
struct Trap {
    fault: Fault,
    at: u32,
    calls: AtomicU32,
    sprung: Notify,
    wake: Notify,
}

impl Trap {
    fn new(fault: Fault, at: u32) -> Arc<Self> {
        Arc::new(Self {
            fault,
            at,
            calls: AtomicU32::new(0),
            sprung: Notify::new(),
            wake: Notify::new(),
        })
    }

    fn was_reached(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > self.at
    }

    async fn crash(&self) {
        self.sprung.notify_one();
        std::future::pending::<()>().await;
    }
}

#[async_trait]
impl Gate for Trap {
    async fn before(&self, _: &'static str) -> Verdict {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        if call != self.at {
            return Verdict::Go;
        }
        match self.fault {
            Fault::CrashBefore => self.crash().await,
            Fault::CrashAfter => {}
            Fault::FailBefore => return Verdict::FailBefore,
            Fault::FailAfter => return Verdict::FailAfter,
            Fault::Sleep => {
                self.sprung.notify_one();
                self.wake.notified().await;
            }
        }
        Verdict::Go
    }

    async fn after(&self, _: &'static str) {
        if self.fault == Fault::CrashAfter && self.calls.load(Ordering::SeqCst) == self.at + 1 {
            self.crash().await;
        }
    }
}

/// Handles the visible message with a converter that falls into the trap.
async fn handle_into(world: &World, trap: &Arc<Trap>) {
    let gate: Arc<dyn Gate> = trap.clone();
    let converter = world.converter_behind(&gate, SETTINGS);
    let delivery = world.receive().await;
    let job = converter.handle(delivery, CancellationToken::new());
    tokio::pin!(job);
    tokio::select! {
        _ = &mut job => return,
        () = trap.sprung.notified() => {}
    }
    if trap.fault == Fault::Sleep {
        world.pass_time();
        world.settle().await;
        trap.wake.notify_one();
        job.await;
    }
    // Otherwise the job ends here: it is dropped where it stands.
}

/// Prepares a file and tells whether it is deleted in the end.
async fn at_every_call(prepare: impl AsyncFn(&World) -> (FileKey, bool)) {
    let world = World::new().await;
    let (mut files, mut deleted) = (Vec::new(), Vec::new());
    for fault in FAULTS {
        let mut at = 0;
        loop {
            let (key, goes) = prepare(&world).await;
            files.push(key);
            deleted.extend(goes.then_some(key));
            let trap = Trap::new(fault, at);
            handle_into(&world, &trap).await;
            world.settle().await;
            if goes {
                world.assert_gone(key).await;
            } else {
                world.assert_final(key, fault, at).await;
            }
            if !trap.was_reached() {
                break;
            }
            at += 1;
        }
        assert!(at >= 4, "{fault:?}: only {at} calls");
    }
    world.assert_all_well(&files, &deleted).await;
}

impl World {
    async fn assert_final(&self, key: FileKey, fault: Fault, at: u32) {
        let record = self.record(key).await;
        assert!(
            record.state.status().is_final(),
            "{fault:?} at {at}: {record:?}"
        );
        // Orphans may wait for the sweep, but what counts is there.
        if matches!(record.state, FileState::Ready { .. }) {
            self.sweeper().remove_orphans().await.unwrap();
            self.assert_ended(key).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_page_survives_a_fault_at_every_call() {
    at_every_call(async |world| (world.request(Page::Good).await, false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_page_survives_a_fault_at_every_call() {
    at_every_call(async |world| (world.request(Page::Missing).await, false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_breaks_off_survives_a_fault_at_every_call() {
    at_every_call(async |world| (world.request(Page::TooLarge).await, false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_attempt_survives_a_fault_at_every_call() {
    at_every_call(async |world| {
        // The first attempt died with its object stored.
        let key = world.request(Page::Good).await;
        let calls_until_finish = 4;
        let trap = Trap::new(Fault::CrashBefore, calls_until_finish);
        handle_into(world, &trap).await;
        world.pass_time();
        (key, false)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_survives_a_fault_at_every_call() {
    at_every_call(async |world| {
        let key = world.request(Page::Good).await;
        world.settle().await;
        world.delete(key).await;
        (key, true)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversion_of_what_is_being_deleted_survives_a_fault_at_every_call() {
    at_every_call(async |world| {
        let key = world.request(Page::Good).await;
        // No message for it: the convert message finds out.
        world.index().mark_deleting(key).await.unwrap();
        (key, true)
    })
    .await;
}
