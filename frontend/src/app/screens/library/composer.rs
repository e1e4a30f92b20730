use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
    task::spawn_local,
};

use super::options::OptionsPanel;
use crate::{
    app::{
        device,
        stores::{Files, Options, Refused, Shared},
    },
    logic::{addresses, sentence, short_address},
};

/// The id of the text field, for whoever sends the keyboard there.
pub(super) const FIELD: &str = "addresses";

/// Takes one address or many. `draft` is what has been typed and not sent.
#[component]
pub(super) fn Composer(draft: RwSignal<String>) -> impl IntoView {
    let files = expect_context::<Files>();
    let options = expect_context::<Options>();
    let errors = RwSignal::new(Vec::<String>::new());
    let asked = Memo::new(move |_| draft.with(|text| addresses(text).len()));

    let send = move || {
        let wanted = draft.with_untracked(|text| addresses(text));
        if wanted.is_empty() {
            errors.set(vec!["Paste the address of a page first.".to_owned()]);
            device::focus_first(&[FIELD.to_owned()]);
            return;
        }
        errors.set(Vec::new());
        draft.set(String::new());
        spawn_local(async move {
            let refused = files.request(wanted).await;
            if refused.is_empty() {
                return;
            }
            // Back into the field, above whatever has been typed since.
            draft.try_update(|draft| {
                let typed = std::mem::take(draft);
                let mut back: Vec<_> = refused.iter().map(|r| r.address.as_str()).collect();
                if !typed.trim().is_empty() {
                    back.push(&typed);
                }
                *draft = back.join("\n");
            });
            errors.try_set(explain(&refused));
            for refused in &refused {
                options.take_error(&refused.error);
            }
            device::focus_first(&[FIELD.to_owned()]);
        });
    };
    if let Some(text) = expect_context::<Shared>().take() {
        draft.set(text);
        send();
    }
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let press = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    let action = move || match asked.get() {
        0 | 1 => "Save as PDF".to_owned(),
        many => format!("Save {many} pages"),
    };
    view! {
        <form class="composer" novalidate on:submit=submit>
            <label for=FIELD>"Save a page"</label>
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
                    aria-invalid=move || (!errors.read().is_empty()).to_string()
                    bind:value=draft
                    on:keydown=press
                ></textarea>
                <button class="primary" type="submit">{action}</button>
            </div>
            <div class="composer-errors" id="addresses-errors" role="alert">
                {move || {
                    errors.get().into_iter().map(|text| view! { <p>{text}</p> }).collect_view()
                }}
            </div>
            <p class="composer-note" id="addresses-note">
                "Paste a web address and press Enter. Several go one to a line."
            </p>
        </form>
        <OptionsPanel/>
    }
}

/// One sentence for each cause: when the server is away, every address has the same one.
fn explain(refused: &[Refused]) -> Vec<String> {
    let mut sentences = Vec::new();
    for Refused { address, error } in refused {
        let text = error.about("/url").unwrap_or_else(|| error.sentence());
        let text = if error.stops_the_rest() || refused.len() == 1 {
            text
        } else {
            format!("{}: {}", short_address(address), sentence(&text))
        };
        if !sentences.contains(&text) {
            sentences.push(text);
        }
    }
    sentences
}
