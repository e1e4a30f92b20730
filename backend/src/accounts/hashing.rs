//! Threads that do nothing but hash passwords.

use std::{fmt, io};

use rustix::process::{getpriority_process, setpriority_process};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};

/// How much nicer they are than the process's other threads. Whoever signs in waits for tens of
/// milliseconds anyway; reading a list takes one, and would wait as long for a core that hashes.
/// No nicer, or nobody could sign in while pages are rendered.
const NICER: i32 = 10;

/// Nobody is nicer.
const NICEST: i32 = 19;

/// A bounded number of threads of their own. Among all others they would take their memory, 19 MiB a
/// hash, from the allocator's share of ever another thread, each of which keeps what it once had.
pub(super) struct HashingThreads {
    /// Its pool for blocking work is all that is used of it.
    pool: Handle,
    /// There until it is dropped.
    runtime: Option<Runtime>,
}

impl fmt::Debug for HashingThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashingThreads").finish_non_exhaustive()
    }
}

impl HashingThreads {
    pub(super) fn new(most: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .thread_name("hashing")
            .max_blocking_threads(most)
            .on_thread_start(be_nice)
            .build()?;
        Ok(Self {
            pool: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        self.pool.spawn_blocking(work)
    }
}

impl Drop for HashingThreads {
    fn drop(&mut self) {
        // Where others run meanwhile, none may wait for the threads to end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn be_nice() {
    // On Linux a thread has a priority of its own; elsewhere this would be the whole process's.
    if !cfg!(target_os = "linux") {
        return;
    }
    let nicer = getpriority_process(None)
        .and_then(|own| setpriority_process(None, (own + NICER).min(NICEST)));
    if let Err(error) = nicer {
        tracing::warn!(%error, "hashing keeps the priority of everything else");
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread};

    use super::*;

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn a_few_threads_give_way_to_all_others() {
        let before = getpriority_process(None).unwrap();
        let threads = HashingThreads::new(2).unwrap();
        let mut ids = HashSet::new();
        let work = || (thread::current().id(), getpriority_process(None).unwrap());
        let all: Vec<_> = (0..50).map(|_| threads.run(work)).collect();
        for one in all {
            let (id, niceness) = one.await.unwrap();
            ids.insert(id);
            assert_eq!(niceness, (before + NICER).min(NICEST));
        }
        assert!(ids.len() <= 2, "{ids:?}");
        assert!(!ids.contains(&thread::current().id()));
        assert_eq!(getpriority_process(None).unwrap(), before);
    }
}
