//! Links and text files that are dropped anywhere on the page.

use leptos::{ev, prelude::*, task::spawn_local};
use web_sys::{DataTransfer, DragEvent};

use crate::app::{stores::Toasts, words::t};

/// More than anybody's list of addresses.
const MOST_BYTES: f64 = 2_000_000.0;

/// Hands `take` the text of whatever is dropped, until the owner goes. Says whether something is
/// being held over the page.
pub(super) fn listen(toasts: Toasts, take: impl Fn(String) + Copy + 'static) -> RwSignal<bool> {
    let over = RwSignal::new(false);
    let enter = window_event_listener(ev::dragover, move |event| {
        if carries_text(&event) {
            // The browser opens what is dropped, unless told otherwise.
            event.prevent_default();
            over.set(true);
        }
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        // Only out of the window: from one element to the next there is another.
        if event.related_target().is_none() {
            over.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        over.set(false);
        let Some(data) = event.data_transfer().filter(|_| carries_text(&event)) else {
            return;
        };
        event.prevent_default();
        let text = dropped_text(&data);
        if text.is_empty() {
            read_files(&data, toasts, take);
        } else {
            take(text);
        }
    });
    on_cleanup(move || {
        enter.remove();
        leave.remove();
        drop.remove();
    });
    over
}

fn carries_text(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| {
        let types = data.types();
        ["Files", "text/uri-list", "text/plain"]
            .iter()
            .any(|kind| types.includes(&(*kind).into(), 0))
    })
}

/// The links without what a browser notes beside them, or else the text.
fn dropped_text(data: &DataTransfer) -> String {
    let links = data.get_data("text/uri-list").unwrap_or_default();
    let links: Vec<_> = links
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    if links.is_empty() {
        data.get_data("text/plain").unwrap_or_default()
    } else {
        links.join("\n")
    }
}

fn read_files(data: &DataTransfer, toasts: Toasts, take: impl Fn(String) + Copy + 'static) {
    let files = data.files();
    let count = files.as_ref().map_or(0, web_sys::FileList::length);
    for file in (0..count).filter_map(|at| files.as_ref()?.item(at)) {
        if !is_text(&file.type_(), &file.name()) || file.size() > MOST_BYTES {
            toasts.say(t("library.no_text_file"));
            continue;
        }
        spawn_local(async move {
            let text = file.text().await.ok().and_then(|text| text.as_string());
            match text {
                Some(text) => take(text),
                None => toasts.say(t("library.no_text_file")),
            }
        });
    }
}

/// Many systems have no type for the files that links are kept in.
fn is_text(kind: &str, name: &str) -> bool {
    kind.starts_with("text/")
        || [".txt", ".md", ".csv", ".url", ".webloc"]
            .iter()
            .any(|end| name.ends_with(end))
}
