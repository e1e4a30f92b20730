use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio_util::sync::CancellationToken;

use super::event::Crash;

/// How a session ends, for whoever does not read its events.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionEnd {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    target: String,
    come: CancellationToken,
    from_outside: AtomicBool,
}

impl SessionEnd {
    pub(super) fn of_target(target: &str) -> Self {
        let shared = Shared {
            target: target.to_owned(),
            ..Shared::default()
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// That of a session that is gone.
    pub(super) fn past() -> Self {
        let end = Self::default();
        end.end();
        end
    }

    /// Completes when the process of the target has died, or the session has ended.
    pub(crate) fn come(&self) -> impl Future<Output = ()> + Send + use<> {
        self.shared.come.clone().cancelled_owned()
    }

    pub(crate) fn has_come(&self) -> bool {
        self.shared.come.is_cancelled()
    }

    /// Whether the process of the target was killed, or could not be started: not by anything the
    /// page did in it. Known once a command is answered that was sent after the end.
    pub(crate) fn was_from_outside(&self) -> bool {
        self.shared.from_outside.load(Ordering::Acquire)
    }

    pub(super) fn end(&self) {
        self.shared.come.cancel();
    }

    pub(super) fn explain(&self, crash: &Crash<'_>) {
        // A page that goes too far ends its process as `crashed`, `abnormal` or `oom`.
        if self.shared.target == crash.target_id
            && matches!(crash.status, "killed" | "failed to launch")
        {
            self.shared.from_outside.store(true, Ordering::Release);
        }
    }
}
