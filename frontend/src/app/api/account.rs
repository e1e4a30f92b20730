//! Calls about the account, its keys and its webhooks.

use platen_api_types::{
    CreatedKey, CreatedWebhook, DeliveryList, Key, KeyId, KeyList, NewKey, NewWebhook,
    PasswordChange, Webhook, WebhookId, WebhookList,
};

use super::http::{Method, ask, get, post, put, tell};
use crate::logic::CallError;

/// Ends every session, the one that asks included.
pub async fn change_password(change: &PasswordChange) -> Result<(), CallError> {
    put("/api/v1/account/password", change).await
}

pub async fn delete_account() -> Result<(), CallError> {
    tell(Method::DELETE, "/api/v1/account").await
}

pub async fn keys() -> Result<Vec<Key>, CallError> {
    let list: KeyList = ask(Method::GET, "/api/v1/keys").await?;
    Ok(list.keys)
}

pub async fn create_key(new: &NewKey) -> Result<CreatedKey, CallError> {
    post("/api/v1/keys", new).await
}

pub async fn delete_key(id: KeyId) -> Result<(), CallError> {
    tell(Method::DELETE, &format!("/api/v1/keys/{id}")).await
}

pub async fn webhooks() -> Result<Vec<Webhook>, CallError> {
    let list: WebhookList = ask(Method::GET, "/api/v1/webhooks").await?;
    Ok(list.webhooks)
}

pub async fn create_webhook(new: &NewWebhook) -> Result<CreatedWebhook, CallError> {
    post("/api/v1/webhooks", new).await
}

pub async fn delete_webhook(id: WebhookId) -> Result<(), CallError> {
    tell(Method::DELETE, &format!("/api/v1/webhooks/{id}")).await
}

/// What a webhook was told, newest first.
pub async fn deliveries(id: WebhookId, cursor: Option<String>) -> Result<DeliveryList, CallError> {
    let parameters = cursor
        .map(|cursor| ("cursor", cursor))
        .into_iter()
        .collect();
    get(&format!("/api/v1/webhooks/{id}/deliveries"), parameters).await
}
