//! Working off a queue.

use std::{sync::atomic::Ordering, time::Duration};

use platen_converter::{Worker, WorkerSettings};
use platen_pipeline::{FileKey, FileState, contract::eventually};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    double::Page,
    world::{World, soon},
};

const SETTINGS: WorkerSettings = WorkerSettings {
    concurrency: 3,
    poll: Duration::from_secs(20),
    drain: Duration::from_secs(20),
    abort: Duration::from_secs(10),
};

fn start(world: &World, settings: WorkerSettings) -> (CancellationToken, JoinHandle<()>) {
    let stop = CancellationToken::new();
    let worker = Worker::converting(world.converter(), settings);
    let stopped = stop.clone();
    (stop, tokio::spawn(async move { worker.run(stopped).await }))
}

async fn ready(world: &World, key: FileKey) {
    eventually("ready", || async {
        matches!(world.record(key).await.state, FileState::Ready { .. }).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn works_off_what_is_there_and_what_comes() {
    let world = World::new().await;
    let mut files = vec![
        world.request(Page::Good).await,
        world.request(Page::Good).await,
    ];
    let (stop, running) = start(&world, SETTINGS);
    for key in files.clone() {
        ready(&world, key).await;
    }
    // It waits by now, or will soon.
    let later = world.request(Page::Good).await;
    ready(&world, later).await;
    stop.cancel();
    soon(running).await.unwrap();
    files.push(later);
    world.assert_all_well(&files, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_as_many_at_once_as_it_may() {
    let world = World::new().await;
    let mut files = Vec::new();
    for _ in 0..8 {
        files.push(world.request(Page::Slow).await);
    }
    let (stop, running) = start(&world, SETTINGS);
    world.running(3).await;
    // Those beyond stay visible for others.
    assert_eq!(world.receive_all().await.len(), 5);
    world.pass_time();
    world.pages.slow.add_permits(8);
    for key in files {
        ready(&world, key).await;
    }
    assert_eq!(world.pages.most_at_once.load(Ordering::SeqCst), 3);
    stop.cancel();
    soon(running).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lets_running_jobs_end_before_it_stops() {
    let world = World::new().await;
    let running_file = world.request(Page::Slow).await;
    let (stop, running) = start(&world, SETTINGS);
    world.running(1).await;
    stop.cancel();
    let waiting = world.request(Page::Slow).await;
    world.pages.slow.add_permits(2);
    soon(running).await.unwrap();
    let record = world.record(running_file).await;
    assert!(
        matches!(record.state, FileState::Ready { .. }),
        "{record:?}"
    );
    assert_eq!(
        world.record(waiting).await.state,
        FileState::Queued,
        "not taken any more"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gives_back_what_does_not_end_in_time() {
    let world = World::new().await;
    let key = world.request(Page::Slow).await;
    let drain = Duration::from_millis(20);
    let (stop, running) = start(&world, WorkerSettings { drain, ..SETTINGS });
    world.running(1).await;
    stop.cancel();
    soon(running).await.unwrap();
    assert_eq!(world.record(key).await.state, FileState::Queued);

    // The next one takes it up at once.
    let (stop, running) = start(&world, SETTINGS);
    world.running(1).await;
    world.pages.slow.add_permits(1);
    ready(&world, key).await;
    stop.cancel();
    soon(running).await.unwrap();
    world.assert_all_well(&[key], &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buries_dead_letters_without_a_renderer() {
    let world = World::new().await;
    let key = world.request(Page::Good).await;
    let none = Duration::ZERO;
    // The last one, which finds nothing, makes it a dead letter.
    for _ in 0..=crate::world::MAX_RECEIVES {
        world.queue().receive(1, none, none).await.unwrap();
    }
    let stop = CancellationToken::new();
    let worker = Worker::burying(world.undertaker(), SETTINGS);
    let stopped = stop.clone();
    let running = tokio::spawn(async move { worker.run(stopped).await });
    eventually("failed", || async {
        matches!(world.record(key).await.state, FileState::Failed { .. }).then_some(())
    })
    .await;
    stop.cancel();
    soon(running).await.unwrap();
}
