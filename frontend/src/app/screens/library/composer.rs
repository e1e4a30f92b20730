use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
};

use super::{drop, options::OptionsPanel, outcome::Report};
use crate::{
    app::{
        device,
        stores::{Shared, Toasts},
        words::{t, t_count},
    },
    logic::addresses,
};

/// The id of the text field, for whoever sends the keyboard there.
pub(super) const FIELD: &str = "addresses";

/// Takes one address or many.
#[component]
pub(super) fn Composer() -> impl IntoView {
    let report = expect_context::<Report>();
    let draft = report.draft;
    let toasts = expect_context::<Toasts>();
    let asked = Memo::new(move |_| draft.with(|text| addresses(text).len()));
    let over = drop::listen(toasts, move |text| {
        draft.update(|draft| {
            if !draft.is_empty() && !draft.ends_with('\n') {
                draft.push('\n');
            }
            draft.push_str(text.trim());
        });
        device::focus_first(&[FIELD.to_owned()]);
    });

    if let Some(text) = expect_context::<Shared>().take() {
        // Any site may lead here: a person looks at what it is before it is sent.
        draft.set(text);
        device::focus_soon(FIELD);
    }
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        report.send_draft();
    };
    let press = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            // A key held down is one wish.
            if !event.repeat() {
                report.send_draft();
            }
        }
    };
    let action = move || match asked.get() {
        0 | 1 => t("library.save_one"),
        many => t_count("library.save", many as u64),
    };
    let note = move || match (over.get(), asked.get()) {
        (true, _) => t("library.drop_here"),
        (false, 0) => t("library.composer_hint"),
        (false, found) => t_count("library.found", found as u64),
    };
    view! {
        <form
            class="composer"
            novalidate
            data-over=move || over.get().then_some("")
            on:submit=submit
        >
            <label for=FIELD>{t("library.composer")}</label>
            <div class="composer-line">
                <textarea
                    id=FIELD
                    rows="1"
                    placeholder="https://"
                    inputmode="url"
                    enterkeyhint="go"
                    autocapitalize="none"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="addresses-errors addresses-note"
                    aria-invalid=move || report.is_wrong().to_string()
                    bind:value=draft
                    on:keydown=press
                ></textarea>
                <button class="primary" type="submit">{action}</button>
            </div>
            <div class="composer-errors" id="addresses-errors" role="alert">
                {move || report.error().map(|text| view! { <p>{text}</p> })}
            </div>
            <p class="composer-note" id="addresses-note" role="status">{note}</p>
        </form>
        <OptionsPanel/>
    }
}
