//! As a worker that polls the queue.

use std::{net::TcpListener, time::Duration};

use platen_pipeline::FileState;
use platen_tests::eventually;
use rustix::process::Signal;

use crate::{
    bootstrap::Bootstrap,
    browsers,
    stack::{PATIENCE, Stack},
};

/// With a free place it would be polling when it is told to stop, and SQS may hide a message for
/// somebody who has just gone.
const ONE_PLACE: (&str, &str) = ("PLATEN_CONCURRENCY", "1");

async fn worker(stack: &Stack, more: &[(&str, &str)]) -> Bootstrap {
    let mut environment = stack.environment().await;
    let more = more.iter();
    environment.extend(more.map(|&(name, value)| (name.to_owned(), value.to_owned())));
    let worker = Bootstrap::start(&["--poll"], &environment);
    worker.until_logged("ready").await;
    worker
}

async fn until_rendering(stack: &Stack) {
    eventually("page is asked for", PATIENCE, async || {
        Ok((stack.site.held_requests() > 0).then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_ends_what_it_began() {
    let stack = Stack::new(5).await;
    let mut worker = worker(&stack, &[ONE_PLACE]).await;
    let first = stack.submit("/simple").await;
    assert!(matches!(
        stack.ended(first).await.state,
        FileState::Ready { .. }
    ));
    let running = stack.submit("/held").await;
    until_rendering(&stack).await;

    worker.signal(Signal::TERM);
    worker.until_logged("told to stop").await;
    let late = stack.submit("/simple").await;
    stack.site.release();
    assert!(worker.ended().await.success());
    stack.pdf(running).await;
    assert_eq!(stack.record(late).await.attempts, 0);
    assert!(stack.has_waiting().await);
    assert!(browsers::find(worker.work_dir.path()).is_none());
    let left = std::fs::read_dir(worker.work_dir.path()).unwrap();
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn a_worker_tells_its_numbers() {
    let stack = Stack::new(5).await;
    // Free at this moment, and the kernel does not give the same one twice in a row.
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let address = address.unwrap().to_string();
    let _worker = worker(&stack, &[("PLATEN_OPS_LISTEN", &address)]).await;
    let key = stack.submit("/simple").await;
    stack.ended(key).await;
    let http = reqwest::Client::new();
    let expected = r#"platen_conversions_total{outcome="ready"} 1"#;
    let asked = eventually(expected, PATIENCE, async || {
        let answer = http.get(format!("http://{address}/metrics")).send().await?;
        Ok(answer.text().await?.contains(expected).then_some(()))
    });
    asked.await.unwrap();
    let health = http.get(format!("http://{address}/health")).send().await;
    assert!(health.unwrap().status().is_success());
}

#[tokio::test]
async fn what_does_not_end_in_time_is_given_back() {
    let stack = Stack::new(5).await;
    let mut worker = worker(&stack, &[ONE_PLACE, ("PLATEN_SHUTDOWN_TIMEOUT", "1")]).await;
    let key = stack.submit("/held").await;
    until_rendering(&stack).await;
    worker.signal(Signal::TERM);
    assert!(worker.ended().await.success());
    assert_eq!(stack.record(key).await.state, FileState::Queued);
    assert!(stack.has_waiting().await);
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let stack = Stack::new(5).await;
    let mut worker = worker(&stack, &[]).await;
    stack.submit("/held").await;
    until_rendering(&stack).await;
    worker.signal(Signal::TERM);
    worker.until_logged("told to stop").await;
    worker.signal(Signal::TERM);
    let ended = tokio::time::timeout(Duration::from_secs(20), worker.ended());
    assert!(!ended.await.unwrap().success());
}
