//! What handlers work with.

use std::{sync::Arc, time::Duration};

use ipnet::IpNet;
use platen_egress::EgressPolicy;
use platen_pipeline::{Clock, ConversionQueue, FileIndex, PdfStore, Quota};
use platen_thumbnail::Thumbnails;
use tokio_util::sync::CancellationToken;

use super::Rates;
use crate::{accounts::Accounts, erasure::Eraser, ids::Ids, webhooks::Webhooks};

/// The application behind the HTTP interface.
pub struct App {
    pub accounts: Accounts,
    pub eraser: Eraser,
    pub webhooks: Webhooks,
    pub index: Arc<dyn FileIndex>,
    pub store: Arc<dyn PdfStore>,
    pub queue: Arc<dyn ConversionQueue>,
    pub thumbnails: Thumbnails,
    pub egress: EgressPolicy,
    pub clock: Arc<dyn Clock>,
    pub ids: Ids,
    pub rates: Rates,
    pub limits: Limits,
    /// Cancelled when the server stops: endless answers end then.
    pub stopping: CancellationToken,
}

/// What the operator has set.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Of one user.
    pub quota: Quota,
    /// Until an answer begins.
    pub request_timeout: Duration,
    pub trusted_proxies: Vec<IpNet>,
}
