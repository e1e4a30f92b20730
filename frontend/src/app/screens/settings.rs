#![expect(
    clippy::unnecessary_wraps,
    reason = "what is loaded later may not arrive"
)]

use leptos::{ev::MouseEvent, prelude::*};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::{
    app::{
        device,
        parts::{Loading, View, open_shortcut_sheet},
        preferences::{SYSTEM, choose_language, choose_theme, theme},
        words::t,
    },
    words::{language, language_name, languages},
};

// With the account, which is near: one part to load for both.
#[wasm_split(account, fallible)]
fn screen() -> Result<View, SplitLoaderError> {
    Ok(|| Settings().into_any())
}

pub fn settings() -> Loading {
    Box::pin(screen())
}

/// What a reader may choose for this browser.
#[component]
fn Settings() -> impl IntoView {
    device::arrive(&t("settings.title"));
    let themes = [
        (SYSTEM, "settings.system"),
        ("light", "settings.light"),
        ("dark", "settings.dark"),
    ];
    let themes = themes.map(|(theme, name)| (theme.to_owned(), t(name), None));
    let tongues = languages()
        .into_iter()
        .map(|tag| (tag.clone(), language_name(&tag), Some(tag)));
    view! {
        <main id="main" class="page narrow settings">
            <h1>{t("settings.title")}</h1>
            <p class="lead">{t("settings.kept")}</p>
            {choice("theme", t("settings.appearance"), themes.into(), &theme(), choose_theme)}
            {choice("language", t("settings.language"), tongues.collect(), &language(), choose_language)}
            {bookmarklet()}
            <section class="keyboard">
                <h2>{t("settings.shortcuts")}</h2>
                <button class="quiet" type="button" on:click=|_| open_shortcut_sheet()>
                    {t("settings.show_keys")}
                </button>
            </section>
        </main>
    }
}

/// One of several: each with its value, its name, and the language that the name is in.
fn choice(
    name: &'static str,
    legend: String,
    choices: Vec<(String, String, Option<String>)>,
    chosen: &str,
    choose: fn(&str),
) -> AnyView {
    let choices: Vec<_> = choices
        .into_iter()
        .map(|(value, text, lang)| {
            let id = format!("{name}-{value}");
            let checked = value == chosen;
            view! {
                <label>
                    <input id=id type="radio" name=name checked=checked on:change=move |_| choose(&value)/>
                    <span lang=lang>{text}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="choice">
            <legend>{legend}</legend>
            <div>{choices}</div>
        </fieldset>
    }
    .into_any()
}

/// A link that saves the page it is pressed on, wherever that is.
fn bookmarklet() -> AnyView {
    let origin = window().location().origin().unwrap_or_default();
    let script = format!(
        "javascript:void open('{origin}/save?url='+encodeURIComponent(location.href)+\
         '&title='+encodeURIComponent(document.title))"
    );
    // Here it would save this page, and the page's policy forbids it.
    let stay = |event: MouseEvent| event.prevent_default();
    view! {
        <section>
            <h2>{t("settings.save_from_anywhere")}</h2>
            <p class="to-drag">
                <a class="bookmarklet" href=script draggable="true" on:click=stay>
                    {t("settings.bookmarklet")}
                </a>
            </p>
            <p class="aside to-drag">{t("settings.bookmarklet_hint")}</p>
            <p class="aside">{t("settings.install_hint")}</p>
        </section>
    }
    .into_any()
}
