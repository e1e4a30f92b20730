use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures::FutureExt as _;
use headless_chrome::protocol::cdp::{Browser as protocol, Target};
use platen_egress::JobProxy;
use rustix::process::Pid;
use tokio::{
    runtime::Handle,
    sync::{OnceCell, mpsc},
    time::{Instant, MissedTickBehavior},
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use crate::{
    browser::{self, BrowserProcess, Launched, Vitals},
    cdp::{CallError, Connection, Session},
};

/// How long a browser may take to throw a context away. It takes milliseconds, up to a second when
/// the page does not answer.
const DISPOSAL_PATIENCE: Duration = Duration::from_secs(5);

/// How long a browser may take to close by itself before it is killed.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// How long a browser that is not known to be alive may take to say so. It takes a millisecond, and
/// more when it was frozen and its memory is elsewhere.
const PULSE_PATIENCE: Duration = Duration::from_secs(2);

/// How long a browser that has work may take to answer. Twice in a row, for once may be the doing of
/// a machine that stood still.
const HANG_PATIENCE: Duration = Duration::from_secs(3);

/// How often a browser is looked after while it has work: its memory, and whether it answers.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// When a browser is too large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryLimits {
    /// Private bytes of all its processes together after which it takes no more jobs.
    pub retire_above: u64,
    /// Private bytes of one page's process after which that process is killed.
    pub page: u64,
}

/// A living browser as the jobs in it see it.
#[derive(Debug)]
pub(crate) struct Browser {
    connection: Connection,
    pub user_agent: String,
    group: Pid,
    vitals: OnceCell<Vitals>,
    /// Pages that were killed because of their memory.
    evictions: Arc<AtomicU32>,
    jobs: AtomicU32,
    leases: TaskTracker,
    working: TaskTracker,
    chores: TaskTracker,
    waste: mpsc::UnboundedSender<Waste>,
    retired: CancellationToken,
    killed: CancellationToken,
}

/// What a finished job leaves behind.
#[derive(Debug)]
pub(crate) struct Waste {
    pub context_id: String,
    /// Stay until the context is gone: a closed port could be another job's the next moment, and
    /// the browser must not close before.
    pub held: (Arc<JobProxy>, TaskTrackerToken),
    /// Says that this is still to be done.
    pub chore: TaskTrackerToken,
}

/// The part that ends a browser. Runs until its processes and its directory are gone.
#[derive(Debug)]
pub(crate) struct Supervisor {
    process: BrowserProcess,
    connection: Connection,
    leases: TaskTracker,
    working: TaskTracker,
    chores: TaskTracker,
    waste: mpsc::UnboundedReceiver<Waste>,
    retired: CancellationToken,
    killed: CancellationToken,
    limits: MemoryLimits,
    evictions: Arc<AtomicU32>,
}

impl Browser {
    /// `chores` counts what is left to do after jobs.
    pub(crate) fn supervised(
        launched: Launched,
        limits: MemoryLimits,
        chores: TaskTracker,
    ) -> (Self, Supervisor) {
        let (waste, discarded) = mpsc::unbounded_channel();
        let browser = Self {
            connection: launched.connection.clone(),
            user_agent: launched.user_agent,
            group: launched.process.group(),
            vitals: OnceCell::new(),
            evictions: Arc::default(),
            jobs: AtomicU32::new(0),
            leases: TaskTracker::new(),
            working: TaskTracker::new(),
            chores,
            waste,
            retired: CancellationToken::new(),
            killed: CancellationToken::new(),
        };
        let supervisor = Supervisor {
            process: launched.process,
            connection: launched.connection,
            leases: browser.leases.clone(),
            working: browser.working.clone(),
            chores: browser.chores.clone(),
            waste: discarded,
            retired: browser.retired.clone(),
            killed: browser.killed.clone(),
            limits,
            evictions: browser.evictions.clone(),
        };
        (browser, supervisor)
    }

    pub(crate) fn root(&self) -> Session {
        self.connection.root()
    }

    /// Takes new jobs.
    pub(crate) fn is_fit(&self) -> bool {
        !self.retired.is_cancelled() && !self.killed.is_cancelled() && !self.connection.is_closed()
    }

    /// Takes no more jobs because of what it has done, not because it is lost.
    pub(crate) fn is_worn(&self) -> bool {
        self.retired.is_cancelled() && !self.killed.is_cancelled() && !self.connection.is_closed()
    }

    /// Whether it answers, asked anew: of a process that was frozen, a living connection says little.
    pub(crate) async fn answers(&self) -> bool {
        self.is_fit()
            && self
                .root()
                .call_within(PULSE_PATIENCE, protocol::GetVersion(None))
                .await
                .is_ok()
    }

    /// Whether nothing that pages depend on has ended. Asked after a job: what that has come to may
    /// be the consequence.
    pub(crate) fn is_whole(&self) -> bool {
        self.vitals.get().is_none_or(Vitals::are_intact)
    }

    /// Finds out what must not end in this browser, and ends all of it with that. Call it when there
    /// is a page: all is there by then, or in a moment and for the next one to find.
    pub(crate) async fn guard_vitals(&self) {
        let guard = async || {
            let group = self.group;
            let runtime = Handle::current();
            let find = move || {
                let _runtime = runtime.enter();
                Vitals::find(group)
            };
            let vitals = tokio::task::spawn_blocking(find).await.ok().flatten();
            let vitals = vitals.ok_or(())?;
            let (guarded, killed) = (vitals.clone(), self.killed.clone());
            let unfit = self.unfit();
            // Ends with the browser, whatever that dies of.
            tokio::spawn(async move {
                guarded.lost().await;
                if unfit.now_or_never().is_none() {
                    tracing::warn!("browser has lost a process that it cannot do without");
                }
                killed.cancel();
            });
            Ok::<_, ()>(vitals)
        };
        if self.vitals.get_or_try_init(guard).await.is_err() {
            tracing::debug!("browser has not started all of its processes yet");
        }
    }

    /// How many pages were killed because of their memory.
    pub(crate) fn evictions(&self) -> u32 {
        self.evictions.load(Ordering::Relaxed)
    }

    /// Keeps the browser from closing for as long as the token lives.
    pub(crate) fn lease(&self) -> TaskTrackerToken {
        self.leases.token()
    }

    /// Says that a page is at work for as long as the token lives.
    pub(crate) fn work(&self) -> TaskTrackerToken {
        self.working.token()
    }

    /// Completes when the browser takes no more jobs, for whatever reason. Says whether it is lost.
    pub(crate) fn unfit(&self) -> impl Future<Output = bool> + Send + use<> {
        let (retired, killed) = (self.retired.clone(), self.killed.clone());
        let connection = self.connection.clone();
        async move {
            tokio::select! {
                biased;
                () = connection.closed() => true,
                () = killed.cancelled() => true,
                () = retired.cancelled() => false,
            }
        }
    }

    /// Says that something is left to do for as long as the token lives.
    pub(crate) fn chore(&self) -> TaskTrackerToken {
        self.chores.token()
    }

    /// Counts a job; returns how many there have been, this one included.
    pub(crate) fn count_job(&self) -> u32 {
        self.jobs.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Throws a context away, in the background.
    pub(crate) fn discard(&self, waste: Waste) {
        // Without a supervisor the browser is gone, and the context with it.
        let _ = self.waste.send(waste);
    }

    /// Takes no more jobs and closes after the last one.
    pub(crate) fn retire(&self) {
        self.retired.cancel();
    }

    /// Ends at once. Its jobs fail with a closed connection.
    pub(crate) fn kill(&self) {
        self.killed.cancel();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.retire();
    }
}

impl Supervisor {
    pub(crate) async fn run(mut self) {
        self.leases.close();
        let mut memory = tokio::time::interval_at(Instant::now() + LOOK_INTERVAL, LOOK_INTERVAL);
        // After a freeze, one look and not one for every look that was missed.
        memory.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut hang = pin!(hang(
            self.connection.clone(),
            self.working.clone(),
            self.chores.clone(),
        ));
        loop {
            tokio::select! {
                () = self.connection.closed() => {
                    tracing::warn!(group = group_number(self.process.group()), "browser is gone");
                    break;
                }
                () = self.killed.cancelled() => break,
                () = &mut hang => {
                    tracing::warn!(group = group_number(self.process.group()), "browser hangs");
                    break;
                }
                () = finished(&self.retired, &self.leases) => {
                    close(&self.connection).await;
                    break;
                }
                Some(waste) = self.waste.recv() => {
                    tokio::spawn(dispose(self.connection.root(), waste, self.killed.clone()));
                }
                _ = memory.tick() => self.look_at_memory().await,
            }
        }
        self.connection.close();
        let process = self.process;
        if let Err(error) = tokio::task::spawn_blocking(move || process.end()).await {
            tracing::error!(%error, "end of the browser failed");
        }
    }

    async fn look_at_memory(&self) {
        if self.working.is_empty() {
            return;
        }
        let group = self.process.group();
        let Ok(memory) = tokio::task::spawn_blocking(move || browser::group_memory(group)).await
        else {
            return;
        };
        if memory
            .largest_renderer
            .is_some_and(|(_, bytes)| bytes > self.limits.page)
        {
            self.evictions.fetch_add(1, Ordering::Relaxed);
            browser::kill_largest_renderer(&memory);
        }
        if memory.private_bytes > self.limits.retire_above && !self.retired.is_cancelled() {
            tracing::info!(bytes = memory.private_bytes, "browser has grown too large");
            self.retired.cancel();
        }
    }
}

/// Completes when the browser has work and does not answer.
async fn hang(connection: Connection, working: TaskTracker, chores: TaskTracker) {
    let mut beat = tokio::time::interval_at(Instant::now() + LOOK_INTERVAL, LOOK_INTERVAL);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut misses = 0;
    while misses < 2 {
        if misses == 0 {
            beat.tick().await;
        }
        if working.is_empty() {
            misses = 0;
            continue;
        }
        // A freeze in between would look like a hang.
        let _chore = chores.token();
        let answer = connection
            .root()
            .call_within(HANG_PATIENCE, protocol::GetVersion(None))
            .await;
        misses = match answer {
            Err(CallError::TimedOut { .. }) => misses + 1,
            _ => 0,
        };
    }
}

async fn finished(retired: &CancellationToken, leases: &TaskTracker) {
    retired.cancelled().await;
    leases.wait().await;
}

async fn close(connection: &Connection) {
    let goodbye = async {
        // The answer may not make it through the closing pipe.
        let _ = connection.root().call(protocol::Close(None)).await;
        connection.closed().await;
    };
    if tokio::time::timeout(CLOSE_PATIENCE, goodbye).await.is_err() {
        tracing::debug!("browser does not close by itself");
    }
}

/// A browser that cannot throw a page away hangs, and is killed.
async fn dispose(browser: Session, waste: Waste, killed: CancellationToken) {
    let disposed = browser
        .call_within(
            DISPOSAL_PATIENCE,
            Target::DisposeBrowserContext {
                browser_context_id: waste.context_id,
            },
        )
        .await;
    if let Err(error) = disposed
        && !error.is_connection_closed()
    {
        tracing::warn!(%error, "browser does not let go of a page");
        killed.cancel();
    }
    drop((waste.held, waste.chore));
}

fn group_number(group: Pid) -> i32 {
    group.as_raw_nonzero().get()
}
