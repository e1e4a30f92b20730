use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use platen_api_types::limits;
use platen_egress::Budget;

use crate::{
    browser::LaunchOptions,
    fleet::{FleetOptions, MemoryLimits},
};

const MIB: u64 = 1024 * 1024;

/// Settings of a [`crate::Renderer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RendererConfig {
    /// The browser. Left out: the first of `chromium-headless-shell`, `chromium` and
    /// `google-chrome` on `PATH`.
    pub browser: Option<PathBuf>,
    /// Directory for browsers' profiles. Each browser has a directory of its own in it, removed
    /// with the browser; leftovers of a killed process are removed at the next start.
    pub work_dir: PathBuf,
    /// Unprivileged user that the browser runs as when this process is root.
    pub run_as: String,
    /// Run the browser without its sandbox. Only where something else contains it.
    pub allow_no_sandbox: bool,
    /// Jobs at a time; further ones wait. As many tabs are kept ready.
    pub concurrency: NonZeroUsize,
    /// Jobs after which a browser is replaced.
    pub jobs_per_browser: u32,
    /// Bytes of memory after which a browser is replaced.
    pub browser_memory: u64,
    /// Bytes of memory after which a page is stopped as crashed.
    pub page_memory: u64,
    /// How long a browser may take to come up. It takes a tenth of a second, and many times that
    /// when its 300 MB are not in the page cache yet.
    pub start_patience: Duration,
    /// After which a job is stopped, whatever it is doing.
    pub hard_stop: Duration,
}

impl RendererConfig {
    /// The usual settings: one job at a time, a new browser after 200 jobs or beyond 2 GiB, 1 GiB
    /// for a page, 90 seconds for a job.
    pub fn new(work_dir: impl Into<PathBuf>) -> Self {
        Self {
            browser: None,
            work_dir: work_dir.into(),
            run_as: "nobody".to_owned(),
            allow_no_sandbox: false,
            concurrency: NonZeroUsize::MIN,
            jobs_per_browser: 200,
            browser_memory: 2048 * MIB,
            page_memory: 1024 * MIB,
            start_patience: Duration::from_secs(30),
            hard_stop: Duration::from_secs(limits::HARD_STOP_SECONDS.into()),
        }
    }

    pub(crate) fn fleet(&self) -> FleetOptions {
        FleetOptions {
            launch: LaunchOptions {
                binary: self.browser.clone(),
                work_dir: self.work_dir.clone(),
                run_as: self.run_as.clone(),
                allow_no_sandbox: self.allow_no_sandbox,
                heap_mib: u32::try_from(self.page_memory / MIB).unwrap_or(u32::MAX),
                patience: self.start_patience,
            },
            spares: self.concurrency.get(),
            jobs_per_browser: self.jobs_per_browser.max(1),
            memory: MemoryLimits {
                retire_above: self.browser_memory,
                page: self.page_memory,
            },
            budget: Budget {
                bytes: limits::TRAFFIC_BYTES,
                ..Budget::default()
            },
        }
    }
}
