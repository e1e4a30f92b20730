use leptos::{html::Details, prelude::*};

use super::control::{control, id_of};
use crate::{
    app::{
        device,
        parts::in_words,
        stores::{Options, Toasts},
        words::{t, t_count},
    },
    logic::{Entry, Preset},
};

/// At most this many choices are named beside the word "Options".
const NAMED: usize = 3;

/// A quiet line that says what is chosen, and opens into all there is to choose.
#[component]
pub fn OptionsPanel() -> impl IntoView {
    let options = expect_context::<Options>();
    let toasts = expect_context::<Toasts>();
    let panel = NodeRef::<Details>::new();
    Effect::new(move |_| {
        // What the server refuses is shown where it can be mended.
        if let (Some(entry), Some(panel)) = (options.first_error(), panel.get())
            && !panel.open()
        {
            panel.set_open(true);
            device::focus_first(&[id_of(entry)]);
        }
    });
    let reset = move |_| {
        options.reset();
        toasts.announce(t("options.was_reset"));
    };
    view! {
        <details class="options" node_ref=panel>
            <summary>
                <span class="options-name">{t("options.name")}</span>
                " "
                <span class="options-said">{move || options.with(|chosen| summary(&in_words(chosen)))}</span>
            </summary>
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
        </details>
    }
}

fn summary(said: &[String]) -> String {
    if said.is_empty() {
        return t("options.as_usual");
    }
    let mut named = said[..said.len().min(NAMED)].to_vec();
    if let Some(more @ 1..) = said.len().checked_sub(NAMED) {
        named.push(t_count("options.more", more as u64));
    }
    named.join(" · ")
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
