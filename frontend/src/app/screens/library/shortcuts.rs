//! The library by keys.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::composer::FIELD;
use crate::app::{
    device,
    stores::{Shortcut, Shortcuts},
};

const ROW: &str = ".rows .row";
/// What in a row takes the keyboard, the best first.
const HANDLES: [&str; 3] = ["h2 a", "button", "a"];

const KEYS: [Shortcut; 7] = [
    key("/", "keys.search", || {
        device::focus_first(&["search".to_owned()]);
    }),
    key("n", "keys.new", || device::focus_first(&[FIELD.to_owned()])),
    key("j", "keys.down", || step(true)),
    key("k", "keys.up", || step(false)),
    Shortcut {
        key: "Enter",
        name: "keys.open",
        run: None,
    },
    key("x", "keys.select", || press("[type=checkbox]")),
    key("Delete", "keys.delete", || press("[id^=delete-]")),
];

const fn key(key: &'static str, name: &'static str, run: fn()) -> Shortcut {
    Shortcut {
        key,
        name,
        run: Some(run),
    }
}

/// Adds the keys of the library.
pub(super) fn declare() {
    expect_context::<Shortcuts>().declare(&KEYS);
}

/// Moves the keyboard to the next row or the one before; to the first when it is in none.
fn step(down: bool) {
    let mut row = match current() {
        Some(row) if down => row.next_element_sibling(),
        Some(row) => row.previous_element_sibling(),
        None => document().query_selector(ROW).ok().flatten(),
    };
    while let Some(here) = row {
        if let Some(handle) = HANDLES.iter().find_map(|handle| within(&here, handle)) {
            // An element that cannot take the focus leaves it where it was.
            let _ = handle.focus();
            return;
        }
        row = if down {
            here.next_element_sibling()
        } else {
            here.previous_element_sibling()
        };
    }
}

/// Presses what `selector` finds in the row that has the keyboard.
fn press(selector: &str) {
    if let Some(handle) = current().and_then(|row| within(&row, selector)) {
        handle.click();
    }
}

fn current() -> Option<Element> {
    document().active_element()?.closest(ROW).ok().flatten()
}

fn within(row: &Element, selector: &str) -> Option<HtmlElement> {
    row.query_selector(selector).ok()??.dyn_into().ok()
}
