use leptos::prelude::*;

use super::{list::list, new_webhook::new_webhook};
use crate::app::{
    device,
    parts::{Secret, shown_once},
    screens::account::page::{page, section},
    stores::Webhooks,
    words::t,
};

#[component]
pub fn WebhooksScreen() -> impl IntoView {
    page("/account/webhooks", t("account.webhooks"), || {
        let webhooks = Webhooks::start();
        let making = move || match webhooks.created() {
            Some(created) => {
                let secret = Secret {
                    heading: t("account.webhook_made"),
                    note: t("account.webhook_once"),
                    label: t("account.webhook_secret"),
                    text: created.secret,
                };
                shown_once(secret, move || {
                    webhooks.forget_created();
                    device::focus_soon(LIST);
                })
            }
            None => new_webhook(webhooks),
        };
        view! {
            {section(LIST, t("account.your_webhooks"), list(webhooks))}
            {section("part-new", t("account.new_webhook"), making.into_any())}
        }
        .into_any()
    })
}

/// Where the keyboard goes when a webhook has been dealt with.
pub(super) const LIST: &str = "part-list";
