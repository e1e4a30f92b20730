//! Invocations whose time is too short.

use std::time::Duration;

use platen_pipeline::FileState;

use crate::{invocations::Lambda, stack::Stack};

#[tokio::test]
async fn a_page_that_never_ends_is_given_back_in_time() {
    let stack = Stack::new(5).await;
    let lambda = Lambda::start(&stack, &[("PLATEN_CONCURRENCY", "1")]).await;
    let keys = [stack.submit("/held").await, stack.submit("/held").await];
    let time = Duration::from_secs(10);
    let answer = lambda.invoke(&stack, 2, time).await;
    assert_eq!(answer.failed.len(), 2);
    assert!(answer.took < time, "{:?}", answer.took);

    // One was claimed and given back; the turn of the other never came.
    let mut attempts = Vec::new();
    for key in keys {
        let record = stack.record(key).await;
        assert_eq!(record.state, FileState::Queued);
        attempts.push(record.attempts);
    }
    attempts.sort_unstable();
    assert_eq!(attempts, [0, 1]);
    // Both can be taken at once, not only when the time-out of the queue has passed.
    stack.site.release();
    let again = lambda.invoke(&stack, 2, Duration::from_mins(1)).await;
    assert!(again.failed.is_empty());
    for key in keys {
        stack.pdf(key).await;
    }
}
