//! What a reader chose for this browser. `first.js` reads it before the first paint.

use leptos::prelude::window;
use web_sys::{Event, Storage};

/// The theme where none was chosen.
pub const SYSTEM: &str = "system";

const THEME: &str = "theme";
const LANGUAGE: &str = "language";

pub fn theme() -> String {
    storage()
        .and_then(|storage| storage.get_item(THEME).ok().flatten())
        .unwrap_or_else(|| SYSTEM.to_owned())
}

/// Keeps the theme, and has `first.js` put it on.
pub fn choose_theme(theme: &str) {
    keep(THEME, theme);
    if let Ok(event) = Event::new(THEME) {
        // It fails only for an event that is on its way already.
        let _ = window().dispatch_event(&event);
    }
}

/// Keeps the language, and starts the app in it.
pub fn choose_language(tag: &str) {
    keep(LANGUAGE, tag);
    // The browser refuses this to no page.
    let _ = window().location().reload();
}

fn keep(name: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full storage forgets the choice with the page, which is all that can be done.
        let _ = storage.set_item(name, value);
    }
}

/// `None` where a browser has it switched off.
fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}
