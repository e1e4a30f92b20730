//! `deploy/pipelines`: what the scripts do to a GitOps repository, and that every CI calls them as they are.

mod buildspecs;
mod calls;
mod checks;
mod codepipeline;
mod components;
mod delivery;
mod environment;
mod jenkins;
mod linters;
mod promotion;
mod registry;
mod releases;
mod workflows;

pub(crate) use delivery::{Delivery, says};
