use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use platen_egress::{Budget, Egress};
use platen_telemetry::Chain;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Tab, TabError,
    browser::{Browser, MemoryLimits},
};
use crate::{
    browser::{self, LaunchError, LaunchOptions},
    cdp::CallError,
    telemetry,
};

/// How many losses in a row are made good while no job comes.
const LOSSES_MADE_GOOD: u32 = 5;

/// How the browsers are kept.
#[derive(Clone, Debug)]
pub(crate) struct FleetOptions {
    pub launch: LaunchOptions,
    /// Tabs kept ready for the next jobs.
    pub spares: usize,
    /// Jobs after which a browser is replaced.
    pub jobs_per_browser: u32,
    pub memory: MemoryLimits,
    /// Traffic of one job.
    pub budget: Budget,
}

/// One warm browser and some tabs that are ready. A browser that wears out is replaced behind the
/// backs of the jobs in it.
pub(crate) struct Fleet {
    options: FleetOptions,
    egress: Egress,
    /// The browser for new jobs. The lock is held while one is launched, so that there is one.
    current: tokio::sync::Mutex<Option<Arc<Browser>>>,
    spares: Mutex<Spares>,
    /// Browsers and spare tabs that were lost since a job last came.
    losses: AtomicU32,
    closing: CancellationToken,
    /// Supervisors and preparations: what [`Fleet::shutdown`] waits for.
    tasks: TaskTracker,
    /// Tabs in the making, at work and on their way out: what [`Fleet::rest`] waits for. Closed from the
    /// start, so that waiting ends when there are none.
    chores: TaskTracker,
}

#[derive(Debug, Default)]
struct Spares {
    ready: Vec<Tab>,
    in_making: usize,
}

impl Fleet {
    /// Launches the first browser.
    pub(crate) async fn start(
        options: FleetOptions,
        egress: Egress,
    ) -> Result<Arc<Self>, LaunchError> {
        let chores = TaskTracker::new();
        chores.close();
        let fleet = Arc::new(Self {
            options,
            egress,
            current: tokio::sync::Mutex::default(),
            spares: Mutex::default(),
            losses: AtomicU32::new(0),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
            chores,
        });
        let first = fleet.launch(telemetry::Start::First).await?;
        *fleet.current.lock().await = Some(first);
        fleet.refill();
        Ok(fleet)
    }

    /// A tab for one job: one that is ready, else a new one.
    pub(crate) async fn tab(self: &Arc<Self>) -> Result<Tab, TabError> {
        self.losses.store(0, Ordering::Relaxed);
        let mut tab = match self.take_living_spare().await {
            Some(tab) => tab,
            None => self.open_with_retry().await?,
        };
        if tab.start_job() >= self.options.jobs_per_browser {
            // The new spares are then made in its successor, before the next job asks for one.
            tab.browser().retire();
        }
        self.refill();
        Ok(tab)
    }

    /// Makes sure of a browser that answers, after a time in which this process may have been
    /// frozen: one that does not is replaced.
    pub(crate) async fn revive(self: &Arc<Self>) -> Result<(), TabError> {
        let current = self.current.lock().await.clone();
        if let Some(browser) = current
            && !browser.answers().await
        {
            tracing::warn!("browser does not answer and is replaced");
            browser.kill();
        }
        self.browser().await?;
        self.refill();
        Ok(())
    }

    /// Returns once no tab is at work and nothing goes on behind the jobs: used tabs are thrown away, spare ones made.
    pub(crate) async fn rest(&self) {
        self.chores.wait().await;
    }

    /// Takes no more jobs, waits for those that run, and ends all browsers.
    pub(crate) async fn shutdown(&self) {
        self.closing.cancel();
        self.spares().ready.clear();
        drop(self.current.lock().await.take());
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn spares(&self) -> MutexGuard<'_, Spares> {
        self.spares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A spare tab that answers. What does not answer is thrown away: it is no fault of the job.
    async fn take_living_spare(&self) -> Option<Tab> {
        while let Some(tab) = self.take_spare() {
            if tab.answers().await {
                return Some(tab);
            }
            if !tab.browser().answers().await {
                tracing::warn!("browser hung while it had no work, and is replaced");
                tab.browser().kill();
            }
        }
        None
    }

    fn take_spare(&self) -> Option<Tab> {
        let mut spares = self.spares();
        // Those of a worn browser would keep it from closing.
        spares.ready.retain(Tab::is_fit);
        spares.ready.pop()
    }

    /// Starts to make as many tabs as are missing. Failures show when a job needs a tab.
    fn refill(self: &Arc<Self>) {
        if self.closing.is_cancelled() {
            return;
        }
        let missing = {
            let mut spares = self.spares();
            spares.ready.retain(Tab::is_fit);
            let missing = self
                .options
                .spares
                .saturating_sub(spares.ready.len() + spares.in_making);
            spares.in_making += missing;
            missing
        };
        for _ in 0..missing {
            let fleet = self.clone();
            let chore = self.chores.token();
            self.tasks.spawn(async move {
                let _chore = chore;
                let tab = fleet.open().await;
                fleet.keep(tab);
            });
        }
    }

    /// Puts a new tab with the spare ones.
    fn keep(self: &Arc<Self>, tab: Result<Tab, TabError>) {
        let mut spares = self.spares();
        spares.in_making -= 1;
        match tab {
            Ok(tab) if tab.is_fit() && !self.closing.is_cancelled() => {
                self.watch_spare(&tab);
                spares.ready.push(tab);
            }
            Ok(tab) if tab.browser().is_fit() => {
                drop(spares);
                self.make_good();
            }
            Ok(_) | Err(TabError::Call(_)) => {
                drop(spares);
                // The browser is gone, and counts as lost where that is watched.
                if self.makes_good() {
                    self.refill();
                }
            }
            Err(error) => tracing::debug!(error = %Chain(&error), "no spare tab"),
        }
    }

    /// Replaces the tab if it dies before a job takes it.
    fn watch_spare(self: &Arc<Self>, tab: &Tab) {
        let (end, id) = (tab.end().come(), tab.id().clone());
        let fleet = Arc::downgrade(self);
        tokio::spawn(async move {
            end.await;
            let Some(fleet) = fleet.upgrade() else { return };
            let died = {
                let mut spares = fleet.spares();
                let at = spares.ready.iter().position(|tab| *tab.id() == id);
                at.map(|at| spares.ready.swap_remove(at))
            };
            // With the browser, it is replaced by whoever watches that.
            if died.is_some_and(|tab| tab.browser().is_fit()) {
                fleet.make_good();
            }
        });
    }

    /// Replaces what was lost while no job asked for it, so that the next one pays nothing. Not
    /// without end: where nothing lasts, it is left to the jobs to try.
    fn make_good(self: &Arc<Self>) {
        self.losses.fetch_add(1, Ordering::Relaxed);
        if self.makes_good() {
            self.refill();
        } else {
            tracing::warn!("browsers or pages keep dying; none is made before a job comes");
        }
    }

    fn makes_good(&self) -> bool {
        self.losses.load(Ordering::Relaxed) <= LOSSES_MADE_GOOD
    }

    /// A browser can die at any moment without anyone's fault: the second try gets a new one.
    async fn open_with_retry(self: &Arc<Self>) -> Result<Tab, TabError> {
        match self.open_in_task().await {
            Err(TabError::Call(error)) => {
                tracing::warn!(%error, "browser made no page, trying another one");
                self.open_in_task().await
            }
            other => other,
        }
    }

    /// In a task of its own, for it must not be dropped half-way with the job.
    async fn open_in_task(self: &Arc<Self>) -> Result<Tab, TabError> {
        let fleet = self.clone();
        let chore = self.chores.token();
        self.tasks
            .spawn(async move {
                let _chore = chore;
                fleet.open().await
            })
            .await
            .unwrap_or(Err(TabError::ShuttingDown))
    }

    async fn open(self: &Arc<Self>) -> Result<Tab, TabError> {
        let browser = self.browser().await?;
        let mut opened = self.open_in(&browser).await;
        if matches!(
            &opened,
            Err(TabError::Call(CallError::SessionClosed { .. }))
        ) {
            // The page's process died. Once says nothing of the browser.
            opened = self.open_in(&browser).await;
        }
        if matches!(&opened, Err(TabError::Call(_))) {
            // It hangs or is gone. A browser that cannot make a page is of no use to any job.
            browser.kill();
        }
        opened
    }

    async fn open_in(&self, browser: &Arc<Browser>) -> Result<Tab, TabError> {
        Tab::open(browser.clone(), &self.egress, self.options.budget).await
    }

    /// The browser for new jobs. A worn one still serves while its successor starts.
    async fn browser(self: &Arc<Self>) -> Result<Arc<Browser>, TabError> {
        let mut current = self.current.lock().await;
        if self.closing.is_cancelled() {
            return Err(TabError::ShuttingDown);
        }
        if let Some(browser) = current.as_ref()
            && browser.is_fit()
        {
            return Ok(browser.clone());
        }
        let why = match current.take() {
            Some(worn) if worn.is_worn() => telemetry::Start::Worn,
            _ => telemetry::Start::Lost,
        };
        let browser = self.launch(why).await?;
        *current = Some(browser.clone());
        Ok(browser)
    }

    async fn launch(self: &Arc<Self>, why: telemetry::Start) -> Result<Arc<Browser>, LaunchError> {
        let launched = browser::launch(&self.options.launch).await?;
        telemetry::browser_started(why);
        tracing::info!(
            product = launched.product,
            group = launched.process.group().as_raw_nonzero().get(),
            "browser is up"
        );
        let (browser, supervisor) =
            Browser::supervised(launched, self.options.memory, self.chores.clone());
        self.tasks.spawn(supervisor.run());
        let unfit = browser.unfit();
        let fleet = Arc::downgrade(self);
        tokio::spawn(async move {
            let is_lost = unfit.await;
            let Some(fleet) = fleet.upgrade() else { return };
            if is_lost {
                fleet.make_good();
            } else {
                // Spares of the old browser would keep it from closing until the next job comes.
                fleet.refill();
            }
        });
        Ok(Arc::new(browser))
    }
}
