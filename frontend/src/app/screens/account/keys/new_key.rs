use leptos::{ev::SubmitEvent, prelude::*};
use platen_api_types::{NewKey, Scope};

use super::list::scope_name;
use crate::{
    app::{
        device,
        parts::{Field, Form, Kind, check, choice, choices},
        stores::Keys,
        words::{t, t_count},
    },
    logic::in_days,
};

const NAME: &str = "name";
const SCOPES: &str = "scopes";
const EXPIRES: &str = "expires_at";

/// For how long a key may last, in days.
const TERMS: [u16; 3] = [30, 90, 365];

/// The form that makes a key.
pub(super) fn new_key(keys: Keys) -> AnyView {
    let form = Form::new(&[NAME, SCOPES, EXPIRES]);
    let name = RwSignal::new(String::new());
    // The first box has the name of the group, so that the keyboard comes there when none is ticked.
    let scopes = [
        (Scope::FilesRead, SCOPES, t("account.scope_read_note"), true),
        (
            Scope::FilesWrite,
            "scope-write",
            t("account.scope_write_note"),
            false,
        ),
        (
            Scope::Webhooks,
            "scope-webhooks",
            t("account.scope_webhooks_note"),
            false,
        ),
    ]
    .map(|(scope, id, note, ticked)| (scope, id, note, RwSignal::new(ticked)));
    let days = RwSignal::new(Some(TERMS[1]));

    let boxes = scopes
        .clone()
        .map(|(scope, id, note, ticked)| choice(id, scope_name(scope), note, ticked));
    let wanted = move || NewKey {
        name: name.get_untracked().trim().to_owned(),
        scopes: scopes
            .iter()
            .filter(|(_, _, _, ticked)| ticked.get_untracked())
            .map(|(scope, ..)| *scope)
            .collect(),
        expires_at: days
            .get_untracked()
            .and_then(|days| in_days(device::now(), days)),
    };
    let submit = move |event: SubmitEvent| {
        let new = wanted();
        form.send(&event, async move {
            check(vec![
                (NAME, new.name.is_empty(), t("account.enter_key_name")),
                (SCOPES, new.scopes.is_empty(), t("account.choose_scope")),
            ])?;
            keys.create(new).await
        });
    };
    view! {
        <form class="part-form" novalidate on:submit=submit>
            {form.alert()}
            <Field
                id=NAME
                label=t("account.key_name")
                kind=Kind::Text
                value=name
                hint=t("account.key_name_hint")
                error=form.about(NAME)
            />
            {choices(t("account.scopes"), boxes.into(), form.about(SCOPES))}
            {terms(days, form.about(EXPIRES))}
            {form.button("primary", t("account.make_key"))}
        </form>
    }
    .into_any()
}

fn terms(days: RwSignal<Option<u16>>, error: Signal<Option<String>>) -> AnyView {
    let options = TERMS.map(|term| {
        view! {
            <option value=term.to_string() selected=days.get_untracked() == Some(term)>
                {t_count("account.days", term.into())}
            </option>
        }
        .into_any()
    });
    view! {
        <div class="field">
            <label for=EXPIRES>{t("account.lasts")}</label>
            <select
                id=EXPIRES
                aria-describedby="expires_at-note"
                on:change:target=move |event| days.set(event.target().value().parse().ok())
            >
                {options.into_iter().collect_view()}
                <option value="">{t("account.for_ever")}</option>
            </select>
            <p class="field-note" class:is-error=move || error.get().is_some() id="expires_at-note">
                {move || error.get().unwrap_or_else(|| t("account.lasts_hint"))}
            </p>
        </div>
    }
    .into_any()
}
