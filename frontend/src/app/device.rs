//! The few things asked of the browser itself.

use std::time::Duration;

use jiff::Timestamp;
use js_sys::{Array, Date, Function, Math, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::words::{self, date};

/// The present, moved on twice a minute for texts such as "3 min ago".
#[derive(Clone, Copy)]
pub struct Now(RwSignal<Timestamp>);

impl Now {
    const TICK: Duration = Duration::from_secs(30);

    pub fn provide() {
        let present = Self(RwSignal::new(now()));
        provide_context(present);
        set_interval(move || present.0.set(now()), Self::TICK);
    }

    pub fn get(self) -> Timestamp {
        self.0.get()
    }
}

/// The present, once.
pub fn now() -> Timestamp {
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

/// Day and time, short enough for a list.
pub fn clock(time: Timestamp) -> String {
    date(milliseconds(time), "medium", Some("short"))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 are far below 2^53"
)]
fn milliseconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64
}

/// What this browser was told to keep at `place`. Nothing where it keeps nothing.
pub fn recall(place: &str) -> Option<String> {
    let storage = window().local_storage().ok()??;
    storage.get_item(place).ok()?
}

/// Keeps `text` in this browser, if it lets us.
pub fn remember(place: &str, text: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or forbidden store means that it is chosen anew next time.
        let _ = storage.set_item(place, text);
    }
}

/// Whether the browser shows PDFs inside a page. Those of most phones do not.
pub fn shows_pdfs() -> bool {
    property(&window(), "navigator")
        .and_then(|navigator| property(&navigator, "pdfViewerEnabled"))
        .is_some_and(|yes| yes.is_truthy())
}

/// A count as the reader's locale writes it, such as `10,000`.
pub fn number(count: u64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "nobody has 2^53 of anything here"
    )]
    let value = count as f64;
    words::number(value)
}

/// The beginning of every address here.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Puts `text` into the clipboard. Returns whether the browser did: it has none where the
/// connection is not secure, and may refuse.
pub async fn copy(text: &str) -> bool {
    let promise = || {
        let clipboard = property(&property(&window(), "navigator")?, "clipboard")?;
        let promise = call(&clipboard, "writeText", &[JsValue::from_str(text)])?;
        promise.dyn_into::<Promise>().ok()
    };
    match promise() {
        Some(promise) => promise.await.is_ok(),
        None => false,
    }
}

/// Goes back when the page before this one is at `path` of this app. Returns whether it does;
/// browsers that do not tell what was before say no.
pub fn go_back_to(path: &str) -> bool {
    let before = || {
        let navigation = property(&window(), "navigation")?;
        let at = property(&property(&navigation, "currentEntry")?, "index")?.as_f64()?;
        let entries = call(&navigation, "entries", &[])?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in the history; before the first there is none"
        )]
        let before = Array::from(&entries).get((at - 1.0) as u32);
        property(&before, "url")?.as_string()
    };
    let ours = origin() + path;
    let is_ours = before().is_some_and(|url| {
        url.strip_prefix(&ours)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('?'))
    });
    is_ours
        && window()
            .history()
            .is_ok_and(|history| history.back().is_ok())
}

/// A property that is there, of an object that may be none.
fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name))
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}

/// What the method answers, of an object that may have none of this name.
fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = property(object, method)?.dyn_into().ok()?;
    method
        .apply(object, &arguments.iter().collect::<Array>())
        .ok()
}

/// Marks all of a text field, for a person who copies by hand.
pub fn select_all(id: &str) {
    if let Some(field) = document().get_element_by_id(id)
        && let Ok(field) = field.dyn_into::<web_sys::HtmlTextAreaElement>()
    {
        // An element that cannot take the focus leaves it where it was.
        let _ = field.focus();
        field.select();
    }
}

/// Calls `look` when the person comes back to the window, and now and then while it is in sight,
/// until the owner goes.
pub fn look_again(look: impl Fn() + Clone + 'static) {
    let back = window_event_listener_untyped("focus", {
        let look = look.clone();
        move |_| look()
    });
    let tick = set_interval_with_handle(
        move || {
            if !document().hidden() {
                look();
            }
        },
        Now::TICK,
    );
    on_cleanup(move || {
        back.remove();
        if let Ok(tick) = tick {
            tick.clear();
        }
    });
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

/// The same for an element that is only about to come onto the page.
pub fn focus_soon(id: impl Into<String>) {
    let id = id.into();
    // The page follows its signals before the next frame.
    request_animation_frame(move || focus_first(&[id]));
}

/// Moves the keyboard to `element` and leaves the page where it is.
pub fn focus_in_place(element: &web_sys::HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that cannot take the focus leaves it where it was.
    let _ = element.focus_with_options(&options);
}

/// The id of the element that has the keyboard; none when no element has it, empty when the
/// element has no id.
pub fn focused() -> Option<String> {
    document()
        .active_element()
        .filter(|element| element.tag_name() != "BODY")
        .map(|element| element.id())
}

/// An address as the API writes it.
pub fn normal_address(address: &str) -> String {
    web_sys::Url::new(address).map_or_else(|_| address.to_owned(), |url| url.href())
}

/// How far the page is scrolled, in CSS pixels.
pub fn scrolled() -> f64 {
    window().scroll_y().unwrap_or_default()
}

pub fn scroll_to(top: f64) {
    window().scroll_to_with_x_and_y(0.0, top);
}

/// The height of the window, in CSS pixels.
pub fn window_height() -> f64 {
    let height = window().inner_height().ok();
    height
        .and_then(|height| height.as_f64())
        .unwrap_or_default()
}

/// Runs `change`. When it replaces the element that has the keyboard by another of the same id, as
/// a row does whose file moved on, the keyboard goes there.
pub fn keeping_focus<T>(change: impl FnOnce() -> T) -> T {
    let id = focused();
    let result = change();
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        // The page follows its signals before the next frame.
        request_animation_frame(move || {
            if focused().is_none() {
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
    name_tab(title);
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

/// Names the screen in the tab and the history.
pub fn name_tab(title: &str) {
    document().set_title(&format!("{title} · {UNNAMED}"));
}

/// The title that `index.html` comes with.
const UNNAMED: &str = "Platen";
