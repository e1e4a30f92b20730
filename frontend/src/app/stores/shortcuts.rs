//! Keys that do something: every screen declares its own.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

#[derive(Clone, Copy)]
pub struct Shortcut {
    /// As `KeyboardEvent.key` names it.
    pub key: &'static str,
    /// The key of the words that say what it does.
    pub name: &'static str,
    /// `None` where the browser does it by itself.
    pub run: Option<fn()>,
}

#[derive(Clone, Copy)]
pub struct Shortcuts(RwSignal<Vec<Shortcut>>);

impl Shortcuts {
    /// Listens for keys from now on. Some are the same everywhere.
    pub fn provide(everywhere: &[Shortcut]) {
        let shortcuts = Self(RwSignal::new(everywhere.to_vec()));
        provide_context(shortcuts);
        // The app runs for as long as the page does: so does its listener.
        let _ = window_event_listener(ev::keydown, move |event| shortcuts.press(&event));
    }

    /// Adds the keys of a screen, for as long as it is there.
    pub fn declare(self, keys: &'static [Shortcut]) {
        self.0.update(|known| known.extend_from_slice(keys));
        on_cleanup(move || {
            self.0.try_update(|known| {
                known.retain(|shortcut| keys.iter().all(|gone| gone.key != shortcut.key));
            });
        });
    }

    pub fn all(self) -> Vec<Shortcut> {
        self.0.get()
    }

    fn press(self, event: &KeyboardEvent) {
        let modified = event.alt_key() || event.ctrl_key() || event.meta_key();
        if modified || event.default_prevented() || event.is_composing() || is_elsewhere(event) {
            return;
        }
        let key = event.key();
        let known = self.0.get_untracked();
        let run = known.iter().find(|known| known.key == key);
        if let Some(run) = run.and_then(|shortcut| shortcut.run) {
            event.prevent_default();
            run();
        }
    }
}

/// Where keys type, or an open dialog has them.
fn is_elsewhere(event: &KeyboardEvent) -> bool {
    const TYPING: &str =
        "input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]";
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let typing = target.is_some_and(|target| target.closest(TYPING).ok().flatten().is_some());
    typing
        || document()
            .query_selector("dialog[open]")
            .ok()
            .flatten()
            .is_some()
}
