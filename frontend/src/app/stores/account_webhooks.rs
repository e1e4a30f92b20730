use leptos::{prelude::*, task::spawn_local};
use platen_api_types::{CreatedWebhook, DeliveryList, NewWebhook, Webhook, WebhookId};

use super::Answer;
use crate::{
    app::{api, device},
    logic::CallError,
};

/// The webhooks of an account, and the log of the one that is being looked at. For as long as their
/// screen is shown.
#[derive(Clone, Copy)]
pub struct Webhooks {
    pub list: Answer<Vec<Webhook>>,
    pub log: Answer<DeliveryList>,
    /// Whose log it is.
    open: RwSignal<Option<WebhookId>>,
    /// The log goes further back than its first page.
    went_back: StoredValue<bool>,
    /// The one that was just made, until its secret has been put somewhere.
    created: RwSignal<Option<CreatedWebhook>>,
}

impl Webhooks {
    pub fn start() -> Self {
        let webhooks = Self {
            list: Answer::new(expect_context()),
            log: Answer::new(expect_context()),
            open: RwSignal::new(None),
            went_back: StoredValue::new(false),
            created: RwSignal::new(None),
        };
        webhooks.load();
        device::look_again(move || webhooks.look_again());
        webhooks
    }

    pub fn created(self) -> Option<CreatedWebhook> {
        self.created.get()
    }

    pub fn is_open(self, id: WebhookId) -> bool {
        self.open.get() == Some(id)
    }

    pub fn load(self) {
        spawn_local(async move { self.list.take(api::webhooks().await) });
    }

    /// What a person has gone back to stays where it is.
    fn look_again(self) {
        self.load();
        if let (Some(id), Some(false)) = (
            self.open.try_get_untracked().flatten(),
            self.went_back.try_get_value(),
        ) {
            self.load_log(id);
        }
    }

    pub async fn create(self, new: NewWebhook) -> Result<(), CallError> {
        let created = api::create_webhook(&new).await?;
        self.created.try_set(Some(created));
        self.load();
        Ok(())
    }

    /// The secret of the new webhook is kept elsewhere now.
    pub fn forget_created(self) {
        self.created.set(None);
    }

    pub async fn delete(self, id: WebhookId) -> Result<(), CallError> {
        match api::delete_webhook(id).await {
            Err(error) if !error.is_gone() => return Err(error),
            Ok(()) | Err(_) => {}
        }
        self.created.try_update(|created| {
            if created.as_ref().is_some_and(|new| new.webhook.id == id) {
                *created = None;
            }
        });
        self.list.take(api::webhooks().await);
        Ok(())
    }

    /// Shows the log of one webhook and no other, or none.
    pub fn toggle_log(self, id: WebhookId) {
        self.log.clear();
        if self.open.get_untracked() == Some(id) {
            self.open.set(None);
        } else {
            self.open.set(Some(id));
            self.load_log(id);
        }
    }

    /// Gets the log from its top.
    pub fn load_log(self, id: WebhookId) {
        self.went_back.set_value(false);
        spawn_local(async move {
            let answer = api::deliveries(id, None).await;
            self.take_log(id, answer);
        });
    }

    /// Gets what was told before.
    pub fn load_older(self, id: WebhookId) {
        let Some(mut log) = self.log.get_untracked() else {
            return;
        };
        self.went_back.set_value(true);
        spawn_local(async move {
            let answer = api::deliveries(id, log.next_cursor.take()).await;
            let answer = answer.map(|older| {
                log.deliveries.extend(older.deliveries);
                log.next_cursor = older.next_cursor;
                log
            });
            self.take_log(id, answer);
        });
    }

    /// Unless another log is being looked at by now.
    fn take_log(self, id: WebhookId, answer: Result<DeliveryList, CallError>) {
        if self.open.try_get_untracked().flatten() == Some(id) {
            self.log.take(answer);
        }
    }
}
