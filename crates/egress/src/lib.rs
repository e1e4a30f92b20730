#![doc = include_str!("../README.md")]

mod address;
mod allow;
mod destination;
mod dial;
mod job;
mod ledger;
mod meter;
mod name;
mod policy;
mod proxy;
mod refusal;
mod resolve;
mod target;
#[cfg(test)]
mod testing;
mod verdict;

pub use address::special_purpose;
pub use allow::AllowListError;
pub use destination::Destination;
pub use dial::DialError;
pub use job::{Budget, Egress, JobProxy, JobReport};
pub use meter::Metered;
pub use policy::{BlockReason, EgressPolicy};
pub use refusal::{InvalidUrl, UrlRefusal};
pub use resolve::{Resolve, ResolveError, ResolverSetupError, SystemResolver};
pub use target::TargetUrl;
pub use verdict::{Refusal, VERDICT_HEADER, Verdict};
