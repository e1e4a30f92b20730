//! `CONNECT`: bytes both ways, never looked at.

use std::io;
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use platen_telemetry::Chain;
use tokio::io::{AsyncWriteExt, copy_bidirectional_with_sizes};
use tokio::net::TcpStream;

use super::answer::{self, Body};
use super::listen::{Job, Slot};
use crate::destination::Destination;
use crate::meter::Metered;
use crate::verdict::Verdict;

/// Per direction. One TLS record is at most 16 KiB.
const BUFFER_BYTES: usize = 32 * 1024;

/// Dials first and answers then, so that a refusal is an answer and not a broken tunnel.
pub(super) async fn open(
    job: &Arc<Job>,
    slot: Slot,
    destination: Destination,
    request: Request<Incoming>,
) -> Response<Body> {
    if job.dialer.ledger.check().is_err() {
        return job.refuse(destination, Verdict::BudgetSpent);
    }
    match job.dialer.dial(&destination).await {
        Ok(upstream) => {
            let upgrade = hyper::upgrade::on(request);
            let ledger = job.dialer.ledger.clone();
            job.tasks.spawn(async move {
                // A spent budget ends all tunnels, not only the one that moves next.
                let spliced = ledger
                    .spent()
                    .run_until_cancelled(splice(upgrade, upstream))
                    .await;
                if let Some(Err(error)) = spliced {
                    tracing::debug!(error = %Chain(&error), "tunnel ended");
                }
                drop(slot);
            });
            answer::tunnel_open()
        }
        Err(error) => job.refuse(destination, error.verdict()),
    }
}

async fn splice(upgrade: OnUpgrade, mut upstream: Metered) -> io::Result<()> {
    let upgraded = upgrade.await.map_err(io::Error::other)?;
    let Parts { io, read_buf, .. } = upgraded
        .downcast::<TokioIo<TcpStream>>()
        .map_err(|_| io::Error::other("not the connection that was accepted"))?;
    let mut browser = io.into_inner();
    // What the browser sent behind its CONNECT, before the answer.
    upstream.write_all(&read_buf).await?;
    copy_bidirectional_with_sizes(&mut browser, &mut upstream, BUFFER_BYTES, BUFFER_BYTES).await?;
    Ok(())
}
