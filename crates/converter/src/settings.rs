//! What can be set.

use std::time::Duration;

use platen_api_types::limits;

/// How one message is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConverterSettings {
    /// How long a file is the converter's without a sign of life, and its message hidden.
    pub lease: Duration,
    /// Time between signs of life; well below `lease`.
    pub heartbeat: Duration,
    /// Attempts at a file before it fails with `internal_error`.
    pub attempts: u32,
    /// Wait before the second attempt; doubles with each further one.
    pub backoff: Duration,
    /// The longest wait.
    pub longest_backoff: Duration,
    /// How long a stage of a job lasts before it is told: most are over before anybody could see them,
    /// and telling is a write.
    pub stage_patience: Duration,
    /// How long rendering and storing may take together. The renderer stops pages by itself; this
    /// is for a store that takes no more bytes.
    pub job_limit: Duration,
    /// Tries at writing down an outcome, while the PDF is there and only the index is not.
    pub finish_tries: u32,
    /// Wait before the second of these; doubles with each further one.
    pub finish_pause: Duration,
}

impl Default for ConverterSettings {
    fn default() -> Self {
        Self {
            lease: Duration::from_mins(1),
            heartbeat: Duration::from_secs(20),
            attempts: 5,
            backoff: Duration::from_secs(2),
            longest_backoff: Duration::from_mins(1),
            stage_patience: Duration::from_millis(300),
            job_limit: Duration::from_secs(u64::from(limits::HARD_STOP_SECONDS) + 60),
            finish_tries: 5,
            finish_pause: Duration::from_millis(100),
        }
    }
}

/// How a queue is worked off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerSettings {
    /// Messages handled at the same time.
    pub concurrency: usize,
    /// How long one call waits for a message.
    pub poll: Duration,
    /// How long running jobs may take to end by themselves once the worker is told to stop.
    pub drain: Duration,
    /// How long jobs may take to give their files back after that.
    pub abort: Duration,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self {
            concurrency: 2,
            poll: Duration::from_secs(20),
            drain: Duration::from_secs(25),
            abort: Duration::from_secs(3),
        }
    }
}

/// How often it is looked for what was left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweeperSettings {
    /// Time between looks for work that nobody seems to be doing.
    pub resend_every: Duration,
    /// How long work may wait before its message counts as lost. Longer than messages usually wait
    /// in the queue: those that are only late are sent twice, which costs a little and harms
    /// nothing.
    pub stale_after: Duration,
    /// Time until the first look through the store for PDFs that no record accounts for. Such a look
    /// reads a record per PDF, so those who sweep the same store should not do it together.
    pub orphans_after: Duration,
    /// Time between such looks.
    pub orphans_every: Duration,
}

impl Default for SweeperSettings {
    fn default() -> Self {
        Self {
            resend_every: Duration::from_mins(1),
            stale_after: Duration::from_mins(10),
            orphans_after: Duration::ZERO,
            orphans_every: Duration::from_hours(24),
        }
    }
}
