//! What happens to an environment between invocations.

use std::time::Duration;

use platen_tests::eventually;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::{
    browsers,
    invocations::Lambda,
    stack::{PATIENCE, Stack},
};

const MINUTE: Duration = Duration::from_mins(1);

/// An environment that has answered once, and its browser.
async fn warm(stack: &Stack) -> (Lambda, Pid) {
    let lambda = Lambda::start(stack, &[]).await;
    let key = stack.submit("/simple").await;
    let answer = lambda.invoke(stack, 1, MINUTE).await;
    assert!(answer.failed.is_empty());
    stack.pdf(key).await;
    let browser = browsers::find(lambda.program.work_dir.path()).unwrap();
    (lambda, browser)
}

fn signal(browser: Pid, signal: Signal) {
    kill_process_group(browsers::group(browser), signal).unwrap();
}

#[tokio::test]
async fn a_browser_that_died_meanwhile_costs_no_attempt() {
    let stack = Stack::new(5).await;
    let (lambda, lost) = warm(&stack).await;
    lambda.program.signal(Signal::STOP);
    signal(lost, Signal::KILL);

    let key = stack.submit("/second").await;
    let thaw = || lambda.program.signal(Signal::CONT);
    let answer = lambda.thaw_and_invoke(&stack, 1, MINUTE, thaw).await;
    assert!(answer.failed.is_empty());
    assert_eq!(stack.record(key).await.attempts, 1);
    stack.pdf(key).await;
    let work_dir = lambda.program.work_dir.path();
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
async fn a_browser_that_does_not_wake_up_costs_no_attempt() {
    let stack = Stack::new(5).await;
    let (lambda, hung) = warm(&stack).await;
    signal(hung, Signal::STOP);

    let key = stack.submit("/second").await;
    let answer = lambda.invoke(&stack, 1, MINUTE).await;
    assert!(answer.failed.is_empty());
    assert_eq!(stack.record(key).await.attempts, 1);
    stack.pdf(key).await;
    let now = browsers::find(lambda.program.work_dir.path());
    assert_ne!(now, Some(hung));
}

/// Nothing is asked of it between invocations, so no time-out can hold its silence against it.
#[tokio::test]
async fn a_healthy_browser_survives_a_freeze() {
    /// Longer than it is given for any answer between jobs.
    const FREEZE: Duration = Duration::from_secs(6);
    let stack = Stack::new(5).await;
    let (lambda, browser) = warm(&stack).await;
    signal(browser, Signal::STOP);
    // The time that passes is what is tested: in it, nothing happens that could be waited for.
    tokio::time::sleep(FREEZE).await;
    signal(browser, Signal::CONT);

    let key = stack.submit("/second").await;
    let answer = lambda.invoke(&stack, 1, MINUTE).await;
    assert!(answer.failed.is_empty());
    stack.pdf(key).await;
    let now = browsers::find(lambda.program.work_dir.path());
    assert_eq!(now, Some(browser));
}
