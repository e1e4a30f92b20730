use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

use crate::app::{stores::Shortcuts, words::t};

const SHEET: &str = "shortcuts";

/// Shows which keys do what on this screen.
pub fn open_shortcut_sheet() {
    let sheet = document().get_element_by_id(SHEET);
    if let Some(sheet) = sheet.and_then(|sheet| sheet.dyn_into::<HtmlDialogElement>().ok()) {
        // It fails only when it is open already.
        let _ = sheet.show_modal();
    }
}

#[component]
pub fn ShortcutSheet() -> impl IntoView {
    let shortcuts = expect_context::<Shortcuts>();
    let keys = move || {
        let keys = shortcuts.all().into_iter().map(|shortcut| {
            let (key, name) = (shown(shortcut.key), t(shortcut.name));
            view! {
                <div>
                    <dt><kbd>{key}</kbd></dt>
                    <dd>{name}</dd>
                </div>
            }
        });
        keys.collect_view()
    };
    view! {
        <dialog class="shortcut-sheet" id=SHEET aria-labelledby="shortcuts-name" closedby="any">
            <h2 id="shortcuts-name">{t("settings.shortcuts")}</h2>
            <dl>{keys}</dl>
            <form method="dialog">
                <button class="quiet">{t("keys.close")}</button>
            </form>
        </dialog>
    }
}

/// What stands on the key.
fn shown(key: &'static str) -> &'static str {
    match key {
        "Escape" => "Esc",
        "Delete" => "Del",
        key => key,
    }
}
