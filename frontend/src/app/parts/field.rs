use leptos::prelude::*;

use crate::app::words::t;

/// What kind of text a field takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Url,
    Username,
    NewPassword,
    CurrentPassword,
}

impl Kind {
    const fn is_secret(self) -> bool {
        matches!(self, Self::NewPassword | Self::CurrentPassword)
    }

    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Text | Self::Url => "off",
            Self::Username => "username",
            Self::NewPassword => "new-password",
            Self::CurrentPassword => "current-password",
        }
    }
}

/// A labelled input with its hint, or what is wrong with it.
#[component]
pub fn Field(
    id: &'static str,
    #[prop(into)] label: String,
    kind: Kind,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: String,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let secret = kind.is_secret();
    let shown = RwSignal::new(false);
    let note = format!("{id}-note");
    let kind_of_input = move || {
        if secret && !shown.get() {
            "password"
        } else if kind == Kind::Url {
            "url"
        } else {
            "text"
        }
    };
    let toggle = secret.then(|| {
        view! {
            <button
                class="field-toggle"
                type="button"
                aria-pressed=move || shown.get().to_string()
                aria-label=t("app.show_password")
                aria-controls=id
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                {move || t(if shown.get() { "app.hide" } else { "app.show" })}
            </button>
        }
    });
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <div class="field-line">
                <input
                    id=id
                    name=id
                    type=kind_of_input
                    autocomplete=kind.autocomplete()
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    aria-invalid=move || error.get().is_some().to_string()
                    aria-describedby=note.clone()
                    bind:value=value
                />
                {toggle}
            </div>
            <p class="field-note" class:is-error=move || error.get().is_some() id=note>
                {move || error.get().unwrap_or_else(|| hint.clone())}
            </p>
        </div>
    }
}
