use leptos::{ev::SubmitEvent, prelude::*};
use platen_api_types::{NewWebhook, WebhookEvent};

use super::list::event_name;
use crate::app::{
    parts::{Field, Form, Kind, check, choice, choices},
    stores::Webhooks,
    words::t,
};

const URL: &str = "url";
const EVENTS: &str = "events";

/// The form that makes a webhook.
pub(super) fn new_webhook(webhooks: Webhooks) -> AnyView {
    let form = Form::new(&[URL, EVENTS]);
    let url = RwSignal::new(String::new());
    // The first box has the name of the group, so that the keyboard comes there when none is ticked.
    let events = [
        (
            WebhookEvent::FileReady,
            EVENTS,
            t("account.event_ready_note"),
        ),
        (
            WebhookEvent::FileFailed,
            "event-failed",
            t("account.event_failed_note"),
        ),
    ]
    .map(|(event, id, note)| (event, id, note, RwSignal::new(true)));
    let boxes = events
        .clone()
        .map(|(event, id, note, ticked)| choice(id, event_name(event), note, ticked));
    let wanted = move || NewWebhook {
        url: url.get_untracked().trim().to_owned(),
        events: events
            .iter()
            .filter(|(_, _, _, ticked)| ticked.get_untracked())
            .map(|(event, ..)| *event)
            .collect(),
    };
    let submit = move |event: SubmitEvent| {
        let new = wanted();
        form.send(&event, async move {
            check(vec![
                (URL, new.url.is_empty(), t("account.enter_webhook_url")),
                (EVENTS, new.events.is_empty(), t("account.choose_event")),
            ])?;
            webhooks.create(new).await
        });
    };
    view! {
        <form class="part-form" novalidate on:submit=submit>
            {form.alert()}
            <Field
                id=URL
                label=t("account.webhook_url")
                kind=Kind::Url
                value=url
                hint=t("account.webhook_url_hint")
                error=form.about(URL)
            />
            {choices(t("account.events"), boxes.into(), form.about(EVENTS))}
            {form.button("primary", t("account.make_webhook"))}
        </form>
    }
    .into_any()
}
