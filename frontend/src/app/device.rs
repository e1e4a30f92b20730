//! The few things asked of the browser itself.

use std::time::Duration;

use jiff::Timestamp;
use js_sys::{Date, Math};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::words::date;

/// The present, moved on twice a minute for texts such as "3 min ago".
#[derive(Clone, Copy)]
pub struct Now(RwSignal<Timestamp>);

impl Now {
    const TICK: Duration = Duration::from_secs(30);

    pub fn provide() {
        let now = Self(RwSignal::new(timestamp()));
        provide_context(now);
        set_interval(move || now.0.set(timestamp()), Self::TICK);
    }

    pub fn get(self) -> Timestamp {
        self.0.get()
    }
}

fn timestamp() -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole milliseconds, far below 2^53"
    )]
    let milliseconds = Date::now() as i64;
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A day as the reader's locale writes it, such as `12 Mar 2026`.
pub fn day(time: Timestamp) -> String {
    date(milliseconds(time), "medium", None)
}

/// Day and time as the reader's locale writes them.
pub fn day_and_time(time: Timestamp) -> String {
    date(milliseconds(time), "long", Some("short"))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 are far below 2^53"
)]
fn milliseconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64
}

/// In `0.0..1.0`, for spreading load only.
pub fn chance() -> f64 {
    Math::random()
}

/// Moves the keyboard to the first of `ids` that is on the page.
pub fn focus_first(ids: &[String]) {
    let element = ids.iter().find_map(|id| document().get_element_by_id(id));
    if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it was.
        let _ = element.focus();
    }
}

/// Runs `change`. When it replaces the element that has the keyboard by another of the same id, as
/// a row does whose file moved on, the keyboard goes there.
pub fn keeping_focus<T>(change: impl FnOnce() -> T) -> T {
    let id = document().active_element().map(|element| element.id());
    let result = change();
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        // The page follows its signals before the next frame.
        request_animation_frame(move || {
            let lost = document()
                .active_element()
                .is_none_or(|element| element.tag_name() == "BODY");
            if lost {
                focus_first(&[id]);
            }
        });
    }
    result
}

/// Names the screen in the tab and the history. Unless it is the first one, which the browser
/// reads out itself, the keyboard and the screen reader go to its heading.
pub fn arrive(title: &str) {
    let first = document().title() == UNNAMED;
    document().set_title(&format!("{title} · {UNNAMED}"));
    if !first {
        request_animation_frame(|| {
            if let Ok(Some(heading)) = document().query_selector("main h1") {
                // Both fail only on elements that are gone.
                let _ = heading.set_attribute("tabindex", "-1");
                let _ = heading.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    }
}

/// The title that `index.html` comes with.
const UNNAMED: &str = "Platen";
