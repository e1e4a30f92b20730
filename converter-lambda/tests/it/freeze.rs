//! What happens to an environment between invocations.

use std::time::Duration;

use platen_tests::eventually;
use rustix::process::{Signal, kill_process_group};

use crate::{
    browsers,
    invocations::Lambda,
    stack::{PATIENCE, Stack},
};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_browser_that_died_meanwhile_costs_no_attempt() {
    let stack = Stack::new(5).await;
    let lambda = Lambda::start(&stack, &[]).await;
    lambda.program.until_logged("ready").await;
    let work_dir = lambda.program.work_dir.path();
    let lost = browsers::find(work_dir).unwrap();
    // Frozen, so that it cannot notice before the invocation.
    lambda.program.signal(Signal::STOP);
    kill_process_group(browsers::group(lost), Signal::KILL).unwrap();
    lambda.program.signal(Signal::CONT);

    let key = stack.submit("/simple").await;
    let answer = lambda.invoke(&stack, 1, MINUTE).await;
    assert!(answer.failed.is_empty());
    assert_eq!(stack.record(key).await.attempts, 1);
    stack.pdf(key).await;
    assert_ne!(browsers::find(work_dir).unwrap(), lost);
    eventually("its directory goes", PATIENCE, async || {
        Ok((std::fs::read_dir(work_dir)?.count() == 1).then_some(()))
    })
    .await
    .unwrap();
    eventually("the loss is counted", PATIENCE, async || {
        let starts = lambda.program.metric("platen_browser_starts_total").await;
        let lost = starts.iter().filter(|line| line["reason"] == "lost");
        Ok((lost.count() == 1).then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_browser_that_hangs_after_a_freeze_is_replaced() {
    let stack = Stack::new(5).await;
    let lambda = Lambda::start(&stack, &[]).await;
    lambda.program.until_logged("ready").await;
    let hung = browsers::find(lambda.program.work_dir.path()).unwrap();
    kill_process_group(browsers::group(hung), Signal::STOP).unwrap();

    let key = stack.submit("/simple").await;
    let answer = lambda.invoke(&stack, 1, MINUTE).await;
    assert!(answer.failed.is_empty());
    assert_eq!(stack.record(key).await.attempts, 1);
    stack.pdf(key).await;
}

/// Time goes on for whoever is frozen. The clock of a time-out that was running would have run out.
#[tokio::test]
async fn a_healthy_browser_survives_a_freeze() {
    /// Longer than the browser is given for any answer between jobs.
    const FREEZE: Duration = Duration::from_secs(6);
    let stack = Stack::new(5).await;
    let lambda = Lambda::start(&stack, &[]).await;
    let key = stack.submit("/simple").await;
    lambda.invoke(&stack, 1, MINUTE).await;
    let browser = browsers::find(lambda.program.work_dir.path()).unwrap();
    lambda.program.signal(Signal::STOP);
    kill_process_group(browsers::group(browser), Signal::STOP).unwrap();
    tokio::time::sleep(FREEZE).await;
    kill_process_group(browsers::group(browser), Signal::CONT).unwrap();
    lambda.program.signal(Signal::CONT);
    stack.pdf(key).await;

    let key = stack.submit("/second").await;
    let answer = lambda.invoke(&stack, 1, MINUTE).await;
    assert!(answer.failed.is_empty());
    stack.pdf(key).await;
    let now = browsers::find(lambda.program.work_dir.path()).unwrap();
    assert_eq!(now, browser);
}
