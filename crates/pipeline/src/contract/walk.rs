//! Random walks through an adapter, beside a model of what it may do.

mod index;
mod queue;

pub use index::compare as compare_index;
pub use queue::compare as compare_queue;

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseResult, TestRunner},
};

/// Walks many sequences of steps with fresh adapters, and shrinks one that ends badly.
fn walk_all<S, F>(steps: &S, walk: impl Fn(S::Value) -> F)
where
    S: Strategy,
    F: Future<Output = TestCaseResult>,
{
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases: 32,
        // A case that failed once belongs into a test of its own, not into a file beside.
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(steps, |steps| runtime.block_on(walk(steps)));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
