//! Examples of bodies about webhooks.

use std::error::Error;

use platen_api_types::{
    CreatedWebhook, Delivery, DeliveryList, DeliveryStatus, NewWebhook, Webhook, WebhookEvent,
    WebhookList, WebhookPayload,
};
use serde_json::Value;

use super::examples;

pub(super) fn example(schema: &str) -> Option<Value> {
    let value = match schema {
        "NewWebhook" => serde_json::to_value(NewWebhook {
            url: "https://example.com/hooks".to_owned(),
            events: WebhookEvent::ALL.to_vec(),
        }),
        "CreatedWebhook" => serde_json::to_value(CreatedWebhook {
            webhook: webhook().ok()?,
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
        }),
        "WebhookList" => serde_json::to_value(WebhookList {
            webhooks: vec![webhook().ok()?],
        }),
        "WebhookPayload" => serde_json::to_value(WebhookPayload {
            r#type: WebhookEvent::FileReady,
            timestamp: "2026-05-04T09:00:01Z".parse().ok()?,
            data: examples::file().ok()?,
        }),
        "DeliveryList" => serde_json::to_value(DeliveryList {
            deliveries: vec![delivery().ok()?],
            next_cursor: None,
        }),
        _ => return None,
    };
    value.ok()
}

fn webhook() -> Result<Webhook, Box<dyn Error>> {
    Ok(Webhook {
        id: "0198c0de-0000-7000-8000-00123456789b".parse()?,
        url: "https://example.com/hooks".to_owned(),
        events: WebhookEvent::ALL.to_vec(),
        created_at: "2026-05-04T08:00:00Z".parse()?,
        failing_since: None,
        disabled: None,
    })
}

fn delivery() -> Result<Delivery, Box<dyn Error>> {
    Ok(Delivery {
        id: "0198c0de-0000-7000-8000-00123456789c".parse()?,
        event: WebhookEvent::FileReady,
        file_id: "0198c0de-0000-7000-8000-00123456789a".parse()?,
        status: DeliveryStatus::Delivered,
        attempts: 1,
        created_at: "2026-05-04T09:00:01Z".parse()?,
        last_attempt_at: Some("2026-05-04T09:00:02Z".parse()?),
        next_attempt_at: None,
        response_status: Some(204),
        error: None,
    })
}
