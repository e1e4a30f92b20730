//! The program as Lambda and as a pod run it: against emulators of SQS, DynamoDB and S3, with the
//! real browser, and pages on an allow-listed loopback port.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::print_stdout,
    reason = "what the program says is shown with the test that fails"
)]

mod bootstrap;
mod browsers;
mod deadline;
mod event_source;
mod freeze;
mod invocations;
mod lambda;
mod poll;
mod refusals;
mod stack;
