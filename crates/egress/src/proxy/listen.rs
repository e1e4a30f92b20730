//! The listener of a job and the connections that browsers make to it.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioIo, TokioTimer};
use platen_telemetry::Chain;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::{self, Body};
use super::request::{Route, route};
use super::{forward, tunnel};
use crate::destination::Destination;
use crate::dial::Dialer;
use crate::job::Tasks;
use crate::verdict::Verdict;

/// Bytes of a message's head, in either direction. Chromium refuses answers beyond 256 KiB; what
/// sites send stays far below this.
pub(crate) const HEAD_BYTES: usize = 64 * 1024;

/// Header lines of an answer; browsers send some 20.
const MAX_HEADERS: usize = 256;

/// Kept open to one origin between requests; Chromium itself would keep 6.
const IDLE_PER_ORIGIN: usize = 16;

/// What the connections of one job share.
pub(crate) struct Job {
    pub(super) dialer: Dialer,
    pub(super) tasks: Tasks,
    /// Plain HTTP, with its connections kept for the job's next requests.
    pub(super) client: Client<Dialer, Body>,
    idle_timeout: Duration,
}

/// The place of a connection among those a job may hold; given back when the last holder drops.
pub(super) type Slot = Arc<OwnedSemaphorePermit>;

impl Job {
    pub(crate) fn new(dialer: Dialer, tasks: Tasks, idle_timeout: Duration) -> Self {
        let client = Client::builder(tasks.clone())
            .pool_max_idle_per_host(IDLE_PER_ORIGIN)
            .http1_max_buf_size(HEAD_BYTES)
            .http1_max_headers(MAX_HEADERS)
            .http1_preserve_header_case(true)
            .set_host(false)
            .build(dialer.clone());
        Self {
            dialer,
            tasks,
            client,
            idle_timeout,
        }
    }

    /// Notes the verdict and says it.
    pub(super) fn refuse(&self, destination: Destination, verdict: Verdict) -> Response<Body> {
        tracing::info!(
            host = %destination.host(),
            port = destination.port(),
            verdict = verdict.as_str(),
            "egress refused"
        );
        self.dialer.ledger.refuse(destination, verdict);
        answer::refusal(verdict)
    }
}

/// Accepts connections until the job ends.
pub(crate) async fn accept(listener: TcpListener, slots: Arc<Semaphore>, job: Arc<Job>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if let Ok(slot) = slots.clone().try_acquire_owned() {
                    job.tasks.spawn(serve(stream, Arc::new(slot), job.clone()));
                } else {
                    tracing::warn!("egress connection limit reached");
                }
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                // Out of descriptors, most likely. This job fails; the others keep theirs.
                tracing::error!(
                    error = %Chain(&error),
                    "egress listener failed"
                );
                return;
            }
        }
    }
}

async fn serve(stream: TcpStream, slot: Slot, job: Arc<Job>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let idle_timeout = job.idle_timeout;
    let service = service_fn(move |request| {
        let (job, slot) = (job.clone(), slot.clone());
        async move { Ok::<_, Infallible>(handle(job, slot, request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_timeout)
        .max_buf_size(HEAD_BYTES)
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(
            error = %Chain(&error),
            "browser connection ended"
        );
    }
}

async fn handle(job: Arc<Job>, slot: Slot, request: Request<Incoming>) -> Response<Body> {
    match route(
        request.method(),
        request.uri(),
        request.version(),
        request.headers(),
    ) {
        Ok(Route::Forward(destination)) => forward::forward(&job, destination, request).await,
        Ok(Route::Tunnel(destination)) => tunnel::open(&job, slot, destination, request).await,
        Err(problem) => {
            tracing::info!(%problem, "egress refused a malformed request");
            answer::refusal(Verdict::BadRequest)
        }
    }
}
