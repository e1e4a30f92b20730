#![expect(
    clippy::unnecessary_wraps,
    reason = "what is loaded later may not arrive"
)]

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::control::{control, id_of};
use crate::{
    app::{
        device,
        parts::{Loading, View},
        stores::{Options, Toasts},
        words::t,
    },
    logic::{Entry, Preset},
};

#[wasm_split(composer, fallible)]
fn part() -> Result<View, SplitLoaderError> {
    Ok(body)
}

/// All there is to choose.
pub(super) fn choices() -> Loading {
    Box::pin(part())
}

fn body() -> AnyView {
    let options = expect_context::<Options>();
    let toasts = expect_context::<Toasts>();
    let reset = move |_| {
        options.reset();
        toasts.announce(t("options.was_reset"));
    };
    if let Some(entry) = untrack(|| options.first_error()) {
        device::focus_soon(id_of(entry));
    }
    view! {
        <div class="options-body">
            <div class="presets" role="group" aria-label=t("options.presets")>
                {Preset::ALL.map(|preset| preset_button(options, preset)).into_iter().collect_view()}
            </div>
            {group(t("options.group_paper"), Entry::PAPER)}
            {group(t("options.group_layout"), Entry::LAYOUT)}
            {group(t("options.group_content"), Entry::CONTENT)}
            {group(t("options.group_waiting"), Entry::WAITING)}
            {group(t("options.group_identity"), Entry::IDENTITY)}
            <p class="options-end">
                <span>{t("options.remembered")}</span>
                <button class="quiet" type="button" on:click=reset>{t("options.reset")}</button>
            </p>
        </div>
    }
    .into_any()
}

fn preset_button(options: Options, preset: Preset) -> AnyView {
    let (name, what) = match preset {
        Preset::Article => (t("options.article"), t("options.article_is")),
        Preset::AsOnScreen => (t("options.as_on_screen"), t("options.as_on_screen_is")),
        Preset::Archive => (t("options.archive"), t("options.archive_is")),
    };
    view! {
        <button
            class="preset"
            type="button"
            aria-pressed=move || options.with(|chosen| preset.is_chosen(chosen)).to_string()
            on:click=move |_| options.apply(preset)
        >
            <strong>{name}</strong>
            <span>{what}</span>
        </button>
    }
    .into_any()
}

fn group(name: String, entries: &[Entry]) -> AnyView {
    view! {
        <fieldset class="options-group">
            <legend>{name}</legend>
            <div class="options-entries">
                {entries.iter().map(|entry| control(*entry)).collect_view()}
            </div>
        </fieldset>
    }
    .into_any()
}
