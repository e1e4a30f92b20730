//! The suites that every adapter passes.
//!
//! Each suite is a macro that makes one test per property, so that a failure names what broke:
//!
//! ```ignore
//! platen_pipeline::file_index_contract!(index);      // async fn index() -> IndexHarness
//! platen_pipeline::conversion_queue_contract!(queue); // async fn queue() -> QueueHarness
//! platen_pipeline::pdf_store_contract!(store);       // async fn store() -> StoreHarness
//! ```
//!
//! The factory is called for every test and gives an empty adapter.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a property that does not hold fails its test by panicking"
)]

mod clock;
mod fixture;
mod harness;
pub mod index;
pub mod model;
pub mod queue;
pub mod store;
pub mod walk;

pub use clock::ManualClock;
pub use fixture::{content, facts, failure, ids, new_file};
pub use harness::{IndexHarness, QueueHarness, StoreHarness, Time, eventually};

/// One `#[tokio::test]` per property of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($factory:path, $suite:path, $($property:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $property() {
                use $suite as suite;
                suite::$property(&$factory().await).await;
            }
        )*
    };
}
