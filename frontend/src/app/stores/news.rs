//! Tells a screen reader what came of the files, and not once for each of a hundred.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use platen_api_types::FileStatus;

use super::Toasts;
use crate::{
    app::words::{t_count, t_with},
    logic::{Settled, title},
};

#[derive(Clone, Copy)]
pub(super) struct News {
    untold: StoredValue<Vec<Settled>>,
    timer: StoredValue<Option<TimeoutHandle>>,
    toasts: Toasts,
}

impl News {
    /// Between two announcements, while more is to come.
    const PAUSE: Duration = Duration::from_secs(8);
    /// Files that end together are told together.
    const BREATH: Duration = Duration::from_millis(300);

    pub(super) fn new(toasts: Toasts) -> Self {
        Self {
            untold: StoredValue::new(Vec::new()),
            timer: StoredValue::new(None),
            toasts,
        }
    }

    /// `busy` while other files are on their way still.
    pub(super) fn tell(self, settled: impl IntoIterator<Item = Settled>, busy: bool) {
        self.untold.update_value(|untold| untold.extend(settled));
        if self.untold.with_value(Vec::is_empty) {
            return;
        }
        let wait = if busy { Self::PAUSE } else { Self::BREATH };
        self.timer.update_value(|timer| {
            if busy && timer.is_some() {
                return;
            }
            if let Some(earlier) = timer.take() {
                earlier.clear();
            }
            *timer = set_timeout_with_handle(move || self.announce(), wait).ok();
        });
    }

    fn announce(self) {
        self.timer.set_value(None);
        let settled = self
            .untold
            .try_update_value(std::mem::take)
            .unwrap_or_default();
        if let [Settled(file)] = settled.as_slice() {
            let title = &[("title", title(file))];
            self.toasts.announce(if file.status == FileStatus::Ready {
                t_with("library.told_ready", title)
            } else {
                t_with("library.told_failed", title)
            });
            return;
        }
        let ready = settled
            .iter()
            .filter(|Settled(file)| file.status == FileStatus::Ready)
            .count();
        let failed = settled.len() - ready;
        let mut told = Vec::new();
        if ready > 0 {
            told.push(t_count("library.told_many_ready", ready as u64));
        }
        if failed > 0 {
            told.push(t_count("library.told_many_failed", failed as u64));
        }
        self.toasts.announce(told.join(" "));
    }
}
