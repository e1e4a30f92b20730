use leptos::{prelude::*, task::spawn_local};
use platen_api_types::{Key, Scope};

use super::screen::LIST;
use crate::app::{
    device,
    parts::{Question, asking},
    screens::account::{page::progress, time::when},
    stores::{Keys, Session, Toasts},
    words::{t, t_with},
};

pub(super) fn list(keys: Keys) -> AnyView {
    let rows = move || {
        keys.list.get().map(|list| {
            if list.is_empty() {
                return nothing();
            }
            let rows: Vec<_> = list.into_iter().map(|key| row(keys, key)).collect();
            view! { <ul class="holdings" role="list">{rows}</ul> }.into_any()
        })
    };
    view! {
        {progress(keys.list, move || keys.load())}
        {rows}
    }
    .into_any()
}

/// What a key is for, and how it is used.
fn nothing() -> AnyView {
    let line = format!(
        "curl -H \"Authorization: Bearer $PLATEN_KEY\" {}/api/v1/files",
        device::origin()
    );
    view! {
        <p class="lead">{t("account.no_keys")}</p>
        <pre class="command"><code>{line}</code></pre>
        <p class="part-note">
            {t("account.api_reference")} " " <a href="/api/docs" rel="external">"/api/docs"</a>
        </p>
    }
    .into_any()
}

fn row(keys: Keys, key: Key) -> AnyView {
    let scopes: Vec<_> = key.scopes.iter().copied().map(scope_name).collect();
    let created = t_with("account.created", &[("day", &device::day(key.created_at))]);
    let used = move || match key.last_used_at {
        Some(time) => t_with("account.last_used", &[("when", &when(time))]),
        None => t("account.never_used"),
    };
    let (ends, expired) = match key.expires_at {
        None => (t("account.never_expires"), false),
        Some(time) => {
            let expired = time <= device::now();
            let day = device::day(time);
            let text = if expired {
                t_with("account.expired", &[("day", &day)])
            } else {
                t_with("account.expires", &[("day", &day)])
            };
            (text, expired)
        }
    };
    view! {
        <li class="holding" class:is-over=expired>
            <h3>{key.name.clone()}</h3>
            <p class="holding-what">{scopes.join(" · ")}</p>
            <p class="holding-facts">
                <span>{created}</span>
                <span>{used}</span>
                <span class:is-alarming=expired>{ends}</span>
            </p>
            <div class="holding-calls">{revoking(keys, key)}</div>
        </li>
    }
    .into_any()
}

fn revoking(keys: Keys, key: Key) -> AnyView {
    let toasts = expect_context::<Toasts>();
    let session = expect_context::<Session>();
    let id = key.id;
    let name = key.name;
    let question = Question {
        id: format!("revoke-{id}"),
        action: t("account.revoke"),
        named: t_with("account.revoke_named", &[("name", &name)]),
        text: t("account.revoke_question"),
        yes: t("account.revoke_yes"),
    };
    asking(question, move || {
        let name = name.clone();
        spawn_local(async move {
            match keys.revoke(id).await {
                Ok(()) => {
                    toasts.announce(t_with("account.revoked", &[("name", &name)]));
                    device::focus_soon(LIST);
                }
                Err(error) if session.ends_with(&error) => {}
                Err(error) => toasts.say(error.sentence()),
            }
        });
    })
}

/// What a scope allows, in a word or two.
pub(super) fn scope_name(scope: Scope) -> String {
    match scope {
        Scope::FilesRead => t("account.scope_read"),
        Scope::FilesWrite => t("account.scope_write"),
        Scope::Webhooks => t("account.scope_webhooks"),
    }
}
