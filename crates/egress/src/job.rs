//! One proxy per job: opened in microseconds, gone with the job.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::destination::Destination;
use crate::dial::{DialError, Dialer};
use crate::ledger::Ledger;
use crate::meter::Metered;
use crate::policy::EgressPolicy;
use crate::proxy;
use crate::resolve::Resolve;
use crate::verdict::{Refusal, Verdict};

/// The way out. Shared by all jobs, cheap to clone.
#[derive(Clone)]
pub struct Egress {
    policy: Arc<EgressPolicy>,
    resolver: Arc<dyn Resolve>,
}

/// What one job may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes to and from origins together, tunnels included.
    pub bytes: u64,
    /// Connections to the proxy at one time. More are closed unanswered; Chromium opens at most
    /// 32 to one proxy, and more only for web sockets.
    pub connections: usize,
    /// For the look-up of a name and all attempts to connect, together.
    pub connect_timeout: Duration,
    /// After which a connection to an origin that moves nothing is closed.
    pub idle_timeout: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes: 100 * 1024 * 1024,
            connections: 256,
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
        }
    }
}

impl Egress {
    pub fn new(policy: EgressPolicy, resolver: Arc<dyn Resolve>) -> Self {
        Self {
            policy: Arc::new(policy),
            resolver,
        }
    }

    pub fn policy(&self) -> &EgressPolicy {
        &self.policy
    }

    /// One connection for a client of this program, vetted and dialled as those of a page are. TLS
    /// is the caller's. Of the budget, the number of connections is of no concern here.
    pub async fn connect(
        &self,
        destination: &Destination,
        budget: Budget,
    ) -> Result<Metered, DialError> {
        let ledger = Arc::new(Ledger::new(budget.bytes));
        self.dialer(ledger, budget).dial(destination).await
    }

    fn dialer(&self, ledger: Arc<Ledger>, budget: Budget) -> Dialer {
        Dialer {
            policy: self.policy.clone(),
            resolver: self.resolver.clone(),
            ledger,
            connect_timeout: budget.connect_timeout,
            idle_timeout: budget.idle_timeout,
        }
    }

    /// Opens a proxy for one job, on a loopback port of its own. Call it on a Tokio runtime.
    pub async fn open_job(&self, budget: Budget) -> io::Result<JobProxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let ledger = Arc::new(Ledger::new(budget.bytes));
        let dialer = self.dialer(ledger.clone(), budget);
        let tasks = Tasks::default();
        let slots = Arc::new(Semaphore::new(
            budget.connections.min(Semaphore::MAX_PERMITS),
        ));
        let job = proxy::Job::new(dialer, tasks.clone(), budget.idle_timeout);
        tasks.spawn(proxy::accept(listener, slots, Arc::new(job)));
        Ok(JobProxy {
            addr,
            ledger,
            tasks,
        })
    }
}

/// A forward proxy on loopback that belongs to one job.
///
/// It speaks HTTP/1.1: absolute-form requests for `http`, `CONNECT` for everything else. It needs
/// no credentials, so any process of this machine could use it while it exists: the same reach a
/// page has, on this job's budget. Dropping it closes the listener and every tunnel;
/// [`Self::close`] also waits until that is done.
#[derive(Debug)]
pub struct JobProxy {
    addr: SocketAddr,
    ledger: Arc<Ledger>,
    tasks: Tasks,
}

/// What a job used and what it was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobReport {
    /// Bytes received from origins.
    pub bytes_down: u64,
    /// Bytes sent to origins.
    pub bytes_up: u64,
    /// Connections made to origins.
    pub connections: u64,
    /// Requests and tunnels that the proxy answered in an origin's place. Malformed requests have
    /// no destination and are not among them.
    pub refused: u64,
    /// The latest of them, one per destination, oldest first.
    pub refusals: Vec<Refusal>,
    /// Whether the byte budget ran out.
    pub budget_spent: bool,
}

impl JobProxy {
    /// Where it listens: `http://{addr}` as a proxy server.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn report(&self) -> JobReport {
        JobReport {
            bytes_down: self.ledger.bytes_down(),
            bytes_up: self.ledger.bytes_up(),
            connections: self.ledger.connections(),
            refused: self.ledger.refused(),
            refusals: self.ledger.remembered(),
            budget_spent: self.ledger.check().is_err(),
        }
    }

    /// The last verdict on a destination; `None` when it was never asked for, or was reached
    /// since. This is what turns a browser's `ERR_TUNNEL_CONNECTION_FAILED` into a reason.
    pub fn verdict_for(&self, destination: &Destination) -> Option<Verdict> {
        self.ledger.verdict_for(destination)
    }

    /// Completes when the byte budget has run out, so that a job can end early.
    pub async fn budget_spent(&self) {
        self.ledger.spent().cancelled().await;
    }

    /// Closes the listener and every tunnel, and waits for their end.
    pub async fn close(self) {
        self.tasks.cancel();
        self.tasks.tracker.wait().await;
    }
}

impl Drop for JobProxy {
    fn drop(&mut self) {
        self.tasks.cancel();
    }
}

/// The tasks of a job, which end together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    closing: CancellationToken,
}

impl Tasks {
    pub(crate) fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let closing = self.closing.clone();
        self.tracker.spawn(async move {
            closing.run_until_cancelled(task).await;
        });
    }

    fn cancel(&self) {
        self.closing.cancel();
        self.tracker.close();
    }
}

/// Lets the HTTP client's own tasks end with the job as well.
impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        self.spawn(task);
    }
}
