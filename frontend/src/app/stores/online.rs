//! Whether the device has a connection at all.

use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct Online(RwSignal<bool>);

impl Online {
    pub fn provide() {
        let online = Self(RwSignal::new(window().navigator().on_line()));
        provide_context(online);
        for (name, now) in [("online", true), ("offline", false)] {
            // The app runs for as long as the page does: so do its listeners.
            let _ = window_event_listener_untyped(name, move |_| online.0.set(now));
        }
    }

    pub fn get(self) -> bool {
        self.0.get()
    }
}
