//! The whole public interface in process, on a real database and a real local pipeline.
//!
//! Every answer that a test gets is first held against what holds for all of them: see [`rules`].

mod app;
mod artist;
mod call;
mod clock;
mod rules;

pub(crate) use app::{PASSWORD, Settings, TestApp, User};
pub(crate) use call::Answer;
pub(crate) use clock::TestClock;
