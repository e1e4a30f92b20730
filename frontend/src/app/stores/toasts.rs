//! Short messages that pass, and what a screen reader is told.

use std::{sync::Arc, time::Duration};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

use crate::app::words::t;

/// Shared and not a `Callback`, which would go with the row whose click made it.
type Then = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
pub struct Toast {
    pub id: u32,
    pub text: String,
    /// Takes back what the message tells.
    undo: Option<Then>,
    /// Runs once the message has gone without being undone.
    done: Option<Then>,
}

impl Toast {
    pub fn has_undo(&self) -> bool {
        self.undo.is_some()
    }
}

#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    announcement: RwSignal<String>,
    timers: StoredValue<Vec<(u32, TimeoutHandle)>>,
    last_id: StoredValue<u32>,
}

impl Toasts {
    const STAY: Duration = Duration::from_secs(6);
    const AT_MOST: usize = 3;

    pub fn provide() -> Self {
        let toasts = Self {
            shown: RwSignal::new(Vec::new()),
            announcement: RwSignal::new(String::new()),
            timers: StoredValue::new(Vec::new()),
            last_id: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    pub fn shown(self) -> Vec<Toast> {
        self.shown.get()
    }

    /// What the live region says.
    pub fn announcement(self) -> String {
        self.announcement.get()
    }

    /// Tells a screen reader, once it has finished its sentence.
    pub fn announce(self, text: impl Into<String>) {
        let mut text = text.into();
        // The same words again are only read when the text changes.
        if self.announcement.with_untracked(|last| *last == text) {
            text.push('\u{a0}');
        }
        self.announcement.set(text);
    }

    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), None, None);
    }

    /// Shows `text` with an Undo button; `done` runs when the time for it is over.
    pub fn offer_undo(
        self,
        text: String,
        undo: impl Fn() + Send + Sync + 'static,
        done: impl Fn() + Send + Sync + 'static,
    ) {
        self.push(text, Some(Arc::new(undo)), Some(Arc::new(done)));
    }

    fn push(self, text: String, undo: Option<Then>, done: Option<Then>) {
        self.announce(if undo.is_some() {
            format!("{text} {}", t("app.undo_hint"))
        } else {
            text.clone()
        });
        self.last_id.update_value(|id| *id += 1);
        let id = self.last_id.get_value();
        self.shown.update(|shown| {
            shown.push(Toast {
                id,
                text,
                undo,
                done,
            });
        });
        self.resume(id);
        let oldest = self
            .shown
            .with_untracked(|shown| (shown.len() > Self::AT_MOST).then(|| shown[0].id));
        if let Some(oldest) = oldest {
            self.finish(oldest);
        }
    }

    /// Takes every message away; what they told neither happens nor is undone here.
    pub fn clear(self) {
        for toast in self.shown.get_untracked() {
            self.hold(toast.id);
        }
        self.shown.set(Vec::new());
    }

    /// Stops the clock while a person points at the message or has the keyboard in it.
    pub fn hold(self, id: u32) {
        self.timers.update_value(|timers| {
            timers.retain(|(timer, handle)| {
                if *timer == id {
                    handle.clear();
                }
                *timer != id
            });
        });
    }

    /// Starts the clock over.
    pub fn resume(self, id: u32) {
        self.hold(id);
        if let Ok(handle) = set_timeout_with_handle(move || self.finish(id), Self::STAY) {
            self.timers.update_value(|timers| timers.push((id, handle)));
        }
    }

    pub fn undo(self, id: u32) {
        if let Some(undo) = self.take(id).and_then(|toast| toast.undo) {
            undo();
        }
    }

    /// The message goes, and what it told stands.
    pub fn finish(self, id: u32) {
        if let Some(done) = self.take(id).and_then(|toast| toast.done) {
            done();
        }
    }

    fn take(self, id: u32) -> Option<Toast> {
        self.hold(id);
        let mut taken = None;
        self.shown.try_update(|shown| {
            let at = shown.iter().position(|toast| toast.id == id)?;
            taken = Some(shown.remove(at));
            Some(())
        });
        taken
    }
}
