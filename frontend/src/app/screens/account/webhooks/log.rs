use leptos::prelude::*;
use platen_api_types::{DeliveryList, WebhookId};

use super::delivery::delivery;
use crate::app::{screens::account::page::progress, stores::Webhooks, words::t};

/// What a webhook was told, and how that went.
pub(super) fn log(webhooks: Webhooks, id: WebhookId) -> AnyView {
    let entries = move || webhooks.log.get().map(|log| entries(webhooks, id, &log));
    view! {
        {progress(webhooks.log, move || webhooks.load_log(id))}
        {entries}
    }
    .into_any()
}

fn entries(webhooks: Webhooks, id: WebhookId, log: &DeliveryList) -> AnyView {
    let lines = if log.deliveries.is_empty() {
        view! { <p class="part-note">{t("account.log_empty")}</p> }.into_any()
    } else {
        let lines: Vec<_> = log.deliveries.iter().map(delivery).collect();
        view! { <ol role="list" aria-label=t("account.log")>{lines}</ol> }.into_any()
    };
    let older = log.next_cursor.is_some().then(|| {
        view! {
            <button class="quiet" id="log-older" type="button" on:click=move |_| webhooks.load_older(id)>
                {t("account.log_older")}
            </button>
        }
    });
    view! {
        {lines}
        <p class="part-calls">
            <button class="quiet" id="log-again" type="button" on:click=move |_| webhooks.load_log(id)>
                {t("account.log_again")}
            </button>
            {older}
        </p>
    }
    .into_any()
}
