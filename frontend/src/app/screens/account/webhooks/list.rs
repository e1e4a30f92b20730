use leptos::{prelude::*, task::spawn_local};
use platen_api_types::{DisabledReason, Webhook, WebhookEvent};

use super::{log::log, screen::LIST};
use crate::app::{
    device,
    parts::{Question, asking},
    screens::account::page::progress,
    stores::{Session, Toasts, Webhooks},
    words::{t, t_with},
};

pub(super) fn list(webhooks: Webhooks) -> AnyView {
    let rows = move || {
        webhooks.list.get().map(|list| {
            if list.is_empty() {
                return view! { <p class="lead">{t("account.no_webhooks")}</p> }.into_any();
            }
            let rows: Vec<_> = list.iter().map(|hook| row(webhooks, hook)).collect();
            view! { <ul class="holdings" role="list">{rows}</ul> }.into_any()
        })
    };
    view! {
        {progress(webhooks.list, move || webhooks.load())}
        {rows}
    }
    .into_any()
}

fn row(webhooks: Webhooks, webhook: &Webhook) -> AnyView {
    let id = webhook.id;
    let events: Vec<_> = webhook.events.iter().copied().map(event_name).collect();
    let created = t_with(
        "account.created",
        &[("day", &device::day(webhook.created_at))],
    );
    let over = webhook.disabled.is_some();
    let health = health(webhook);
    let named = t_with("account.log_named", &[("url", &webhook.url)]);
    let log_id = format!("log-{id}");
    let toggle = view! {
        <button
            id=format!("toggle-{id}")
            type="button"
            aria-label=named
            aria-controls=log_id.clone()
            aria-expanded=move || webhooks.is_open(id).to_string()
            on:click=move |_| webhooks.toggle_log(id)
        >
            {t("account.log_short")}
        </button>
    };
    view! {
        <li class="holding" class:is-over=over>
            <h3>{webhook.url.clone()}</h3>
            <p class="holding-what">{events.join(" · ")}</p>
            <p class="holding-facts"><span>{created}</span></p>
            {health}
            <div class="holding-calls">{toggle} {deleting(webhooks, webhook)}</div>
            <div class="log" id=log_id>
                {move || webhooks.is_open(id).then(|| log(webhooks, id))}
            </div>
        </li>
    }
    .into_any()
}

/// What a person should know of a webhook that does not work, and do.
fn health(webhook: &Webhook) -> Option<AnyView> {
    let (label, text) = match (webhook.disabled, webhook.failing_since) {
        (Some(disabled), _) => {
            let day = device::day(disabled.at);
            let why = match disabled.reason {
                DisabledReason::Gone => t("account.disabled_gone"),
                DisabledReason::Failing => t("account.disabled_failing"),
            };
            (t_with("account.disabled", &[("day", &day)]), why)
        }
        (None, Some(since)) => {
            let since = device::day_and_time(since);
            let text = t_with("account.failing_since", &[("time", &since)]);
            (t("account.failing"), text)
        }
        (None, None) => return None,
    };
    let view = view! {
        <p class="holding-trouble">
            <strong>{label}</strong>
            " "
            {text}
        </p>
    };
    Some(view.into_any())
}

fn deleting(webhooks: Webhooks, webhook: &Webhook) -> AnyView {
    let toasts = expect_context::<Toasts>();
    let session = expect_context::<Session>();
    let id = webhook.id;
    let question = Question {
        id: format!("delete-{id}"),
        action: t("account.delete"),
        named: t_with("account.delete_named", &[("url", &webhook.url)]),
        text: t("account.delete_question"),
        yes: t("account.delete_yes"),
    };
    asking(question, move || {
        spawn_local(async move {
            match webhooks.delete(id).await {
                Ok(()) => {
                    toasts.announce(t("account.webhook_deleted"));
                    device::focus_soon(LIST);
                }
                Err(error) if session.ends_with(&error) => {}
                Err(error) => toasts.say(error.sentence()),
            }
        });
    })
}

pub(super) fn event_name(event: WebhookEvent) -> String {
    match event {
        WebhookEvent::FileReady => t("account.event_ready"),
        WebhookEvent::FileFailed => t("account.event_failed"),
    }
}
