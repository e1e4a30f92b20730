//! The browser's history: where the reader was on each page of it, so that "back" leads there.

use std::cell::{Cell, RefCell};

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, UnwrapThrowExt};
use web_sys::{FocusOptions, History, HtmlElement, ScrollRestoration};

/// Where a reader was on a page.
#[derive(Clone, Debug, Default)]
struct Place {
    /// From the top, in CSS pixels.
    y: f64,
    /// The id of the element that had the keyboard; empty for none.
    focus: String,
}

thread_local! {
    /// The number of the entry that is shown. Entries further on have higher ones.
    static ENTRY: Cell<u32> = const { Cell::new(0) };
    /// Places on entries that were left by "back" and "forward", when their state cannot be
    /// written any more.
    static LEFT: RefCell<Vec<(u32, Place)>> = const { RefCell::new(Vec::new()) };
}

/// Frames in which a page may become long enough to scroll to where the reader was.
const PATIENCE: u32 = 60;

pub(super) fn begin() {
    // By itself the browser scrolls before the screen is there.
    let _ = history().set_scroll_restoration(ScrollRestoration::Manual);
    let state = history().state().unwrap_or_default();
    ENTRY.set(number(&state));
    settle(place_in(&state));
    let _ = window_event_listener_untyped("beforeunload", |_| keep_place());
}

/// Makes `href` the address that is shown.
pub(super) fn write(href: &str, replace: bool) {
    // The history refuses nothing but addresses of other sites and hundreds of calls a second.
    if replace {
        let _ = history().replace_state_with_url(&state(&Place::default()), "", Some(href));
    } else {
        keep_place();
        ENTRY.set(ENTRY.get() + 1);
        let _ = history().push_state_with_url(&state(&Place::default()), "", Some(href));
    }
}

/// Notes where the reader was on the entry that "back" or "forward" has just left.
pub(super) fn leave() {
    let (entry, place) = (ENTRY.get(), here());
    LEFT.with_borrow_mut(|left| {
        left.retain(|(known, _)| *known != entry);
        left.push((entry, place));
    });
}

/// Brings the reader to where they were on the entry of `state`.
pub(super) fn arrive(state: &JsValue) {
    let entry = number(state);
    ENTRY.set(entry);
    let left = LEFT.with_borrow(|left| left.iter().find(|(known, _)| *known == entry).cloned());
    settle(left.map_or_else(|| place_in(state), |(_, place)| place));
}

/// Scrolls to what the address names after its `#`, or to the top.
pub(super) fn scroll_to_target() {
    let hash = window().location().hash().unwrap_or_default();
    match document().get_element_by_id(hash.trim_start_matches('#')) {
        Some(element) => element.scroll_into_view(),
        None => window().scroll_to_with_x_and_y(0.0, 0.0),
    }
}

/// Brings the reader to `place` as soon as the page has it.
fn settle(place: Place) {
    if place.y > 0.0 || !place.focus.is_empty() {
        let entry = ENTRY.get();
        // After the frame in which a new screen sends the keyboard to its heading.
        request_animation_frame(move || retry(entry, place, false, PATIENCE));
    }
}

/// `there` once the page was long enough: whoever scrolls on while it looks for the focus is left alone.
fn retry(entry: u32, place: Place, there: bool, frames: u32) {
    request_animation_frame(move || {
        if ENTRY.get() == entry && frames > 0 {
            let there = there || scrolled_to(place.y);
            if !(there && focused(&place.focus)) {
                retry(entry, place, there, frames - 1);
            }
        }
    });
}

/// Whether the page is long enough for it.
fn scrolled_to(place: f64) -> bool {
    window().scroll_to_with_x_and_y(0.0, place);
    (y() - place).abs() < 2.0
}

/// Whether the element is there to have the keyboard, if there is to be one.
fn focused(id: &str) -> bool {
    if id.is_empty() {
        return true;
    }
    let element = document().get_element_by_id(id);
    let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else {
        return false;
    };
    let still = FocusOptions::new();
    still.set_prevent_scroll(true);
    element.focus_with_options(&still).is_ok()
}

/// Writes where the reader is into the entry that is shown, for when the page is loaded again.
fn keep_place() {
    let _ = history().replace_state(&state(&here()), "");
}

fn here() -> Place {
    let focus = document().active_element().map(|element| element.id());
    Place {
        y: y(),
        focus: focus.unwrap_or_default(),
    }
}

fn y() -> f64 {
    window().scroll_y().unwrap_or_default()
}

fn history() -> History {
    window().history().unwrap_throw()
}

/// What an entry keeps: its number, and the place of its reader.
fn state(place: &Place) -> JsValue {
    Array::of3(
        &ENTRY.get().into(),
        &place.y.into(),
        &place.focus.as_str().into(),
    )
    .into()
}

fn number(state: &JsValue) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small count that this module wrote"
    )]
    let number = part(state, 0).as_f64().unwrap_or_default() as u32;
    number
}

fn place_in(state: &JsValue) -> Place {
    Place {
        y: part(state, 1).as_f64().unwrap_or_default(),
        focus: part(state, 2).as_string().unwrap_or_default(),
    }
}

/// Undefined where the state is of another kind, as of an entry that this app did not make.
fn part(state: &JsValue, at: u32) -> JsValue {
    state
        .dyn_ref::<Array>()
        .map_or(JsValue::UNDEFINED, |state| state.get(at))
}
