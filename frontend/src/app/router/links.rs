use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use super::{Location, NavigateOptions};

/// Follows links within the app without loading the page again. All others are the browser's:
/// those elsewhere, to be saved or opened in a tab of their own, and those with `rel="external"`.
pub(super) fn follow(location: Location) {
    // The app runs for as long as the page does: so does its listener.
    let _ = window_event_listener(ev::click, move |event| {
        if let Some(link) = link_of(&event) {
            event.prevent_default();
            let here = window().location().href().unwrap_or_default();
            let href = link.href();
            let options = NavigateOptions {
                replace: href == here,
                ..NavigateOptions::default()
            };
            location.go(&href, options);
        }
    });
}

fn link_of(event: &MouseEvent) -> Option<HtmlAnchorElement> {
    let modified = event.alt_key() || event.ctrl_key() || event.meta_key() || event.shift_key();
    if event.default_prevented() || event.button() != 0 || modified {
        return None;
    }
    let link = event
        .target()?
        .dyn_into::<Element>()
        .ok()?
        .closest("a[href]:not([target],[download],[rel~=external])")
        .ok()??
        // An anchor in SVG has no such properties.
        .dyn_into::<HtmlAnchorElement>()
        .ok()?;
    let own = window().location().origin().ok()?;
    (link.origin() == own).then_some(link)
}
