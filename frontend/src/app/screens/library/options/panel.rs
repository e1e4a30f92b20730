use leptos::{html::Details, prelude::*};

use super::{choices::choices, control::id_of};
use crate::app::{
    device,
    parts::{in_words, later},
    stores::Options,
    words::{t, t_count},
};

/// At most this many choices are named beside the word "Options".
const NAMED: usize = 3;

/// A quiet line that says what is chosen, and opens into all there is to choose.
#[component]
pub fn OptionsPanel() -> impl IntoView {
    let options = expect_context::<Options>();
    let panel = NodeRef::<Details>::new();
    let opened = RwSignal::new(false);
    Effect::new(move |_| {
        // What the server refuses is shown where it can be mended.
        if let (Some(entry), Some(panel)) = (options.first_error(), panel.get())
            && !panel.open()
        {
            panel.set_open(true);
            device::focus_first(&[id_of(entry)]);
        }
    });
    let body = move || {
        opened.get().then(|| {
            later(choices, |notice| {
                view! { <div class="options-body">{notice}</div> }.into_any()
            })
        })
    };
    view! {
        <details class="options" node_ref=panel on:toggle=move |_| opened.set(true)>
            <summary>
                <span class="options-name">{t("options.name")}</span>
                " "
                <span class="options-said">{move || options.with(|chosen| summary(&in_words(chosen)))}</span>
            </summary>
            {body}
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
