//! Webhooks: receivers that are called when a file is ready or has failed, as
//! [Standard Webhooks](https://www.standardwebhooks.com) says.
//!
//! [`Webhooks`] is the service; it knows no HTTP but that of receivers. A file's end becomes a call in
//! two steps, either of which may be repeated after a crash: [`Follower`] reads the index from where it
//! last was and puts deliveries down in [`WebhookStore`]; [`Deliverer`] takes what is due, signs it
//! with the webhook's [`SigningSecret`], which [`Sealer`] keeps, and has [`Courier`] bring it through
//! the egress guard, again and again until it is taken.

mod courier;
mod deliverer;
mod delivery_store;
mod follower;
mod schedule;
mod seal;
mod service;
mod signature;
mod store;
mod telemetry;
#[cfg(test)]
mod tests;

pub use courier::{Courier, CourierError, machine_roots};
pub use deliverer::Deliverer;
pub use delivery_store::{Attempt, DeliveryInserted, NewDelivery, Tried};
pub use follower::Follower;
pub use seal::{SealError, Sealer};
pub use service::{NewWebhookError, WebhookParts, Webhooks};
pub use signature::SigningSecret;
pub use store::{Followed, HookInserted, WebhookStore};
pub use telemetry::describe_metrics;
