//! From the end of a file to a receiver, in one process: the real index, database and connections,
//! and a clock that is moved.

mod receiver;
mod tls;

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use platen_api_types::{
    CreatedWebhook, Delivery, DeliveryError, DeliveryList, DeliveryStatus, DisabledReason,
    FileStatus, Stage, Webhook, WebhookEvent, WebhookList,
};
use platen_pipeline::Clock;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::SigningSecret;
use crate::http::testing::{Settings, TestApp, User};
use receiver::Receiver;

/// Far longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(20);

/// An application that may call the receivers, and a user of it.
async fn app(receivers: &[&Receiver]) -> (TestApp, User) {
    let allowed: Vec<String> = receivers.iter().map(|one| one.authority()).collect();
    let app = TestApp::with(Settings {
        egress_allow: allowed.join(","),
        ..Settings::default()
    })
    .await;
    let ada = app.user("ada").await;
    (app, ada)
}

async fn create(app: &TestApp, user: &User, url: &str) -> CreatedWebhook {
    let body = json!({ "url": url });
    let answer = app.post("/webhooks").user(user).json(&body).send().await;
    answer.expect(201).json()
}

fn secret(created: &CreatedWebhook) -> SigningSecret {
    let encoded = created.secret.strip_prefix("whsec_").unwrap();
    SigningSecret::from_bytes(STANDARD.decode(encoded).unwrap())
}

/// A server's part that calls webhooks; it stops with the test, or when told.
fn run(app: &TestApp) -> JoinHandle<()> {
    let (webhooks, stop) = (app.app.webhooks.clone(), app.stopping.clone());
    tokio::spawn(async move { webhooks.run(stop).await })
}

async fn log(app: &TestApp, user: &User, hook: &CreatedWebhook) -> Vec<Delivery> {
    let path = format!("/webhooks/{}/deliveries", hook.webhook.id);
    let list: DeliveryList = app.get(&path).user(user).send().await.json();
    list.deliveries
}

async fn hook(app: &TestApp, user: &User) -> Webhook {
    let list: WebhookList = app.get("/webhooks").user(user).send().await.json();
    list.webhooks.into_iter().next().unwrap()
}

/// The newest delivery, once it is as wanted.
async fn logged(
    app: &TestApp,
    user: &User,
    hook: &CreatedWebhook,
    is_wanted: impl Fn(&Delivery) -> bool,
) -> Delivery {
    let look = async {
        loop {
            let newest = log(app, user, hook).await.into_iter().next();
            match newest.filter(|newest| is_wanted(newest)) {
                Some(newest) => return newest,
                None => tokio::task::yield_now().await,
            }
        }
    };
    if let Ok(found) = tokio::time::timeout(PATIENCE, look).await {
        return found;
    }
    panic!("not so: {:?}", log(app, user, hook).await)
}

#[tokio::test]
async fn the_end_of_a_file_is_told_and_signed() {
    let mut receiver = Receiver::start().await;
    let (app, ada) = app(&[&receiver]).await;
    let created = create(&app, &ada, &receiver.url()).await;
    let _running = run(&app);
    let ready = app.ready(&ada, "Diary", b"%PDF-").await;
    let told = receiver.next().await;
    told.verify(&secret(&created), app.clock.now());
    assert_eq!(told.header("content-type"), "application/json");
    assert_eq!(told.header("host"), receiver.authority());
    let payload = told.payload();
    assert_eq!(payload.r#type, WebhookEvent::FileReady);
    assert_eq!(payload.data.id, ready.id);
    assert_eq!(payload.data.title.as_deref(), Some("Diary"));
    assert_eq!(Some(payload.timestamp), payload.data.finished_at);

    // On the way there is nothing to tell.
    app.queued(&ada).await;
    let rendering = app.claimed(&ada).await;
    app.tell(&rendering, Stage::Printing).await;
    app.tell(&rendering, Stage::Saving).await;
    let failed = app.failed(&ada).await;
    let payload = receiver.next().await.payload();
    assert_eq!(payload.r#type, WebhookEvent::FileFailed);
    assert_eq!(
        (payload.data.id, payload.data.status),
        (failed.id, FileStatus::Failed)
    );
    let is_done = |delivery: &Delivery| delivery.status == DeliveryStatus::Delivered;
    let last = logged(&app, &ada, &created, is_done).await;
    assert_eq!((last.attempts, last.response_status), (1, Some(204)));
    assert_eq!(log(&app, &ada, &created).await.len(), 2);
    assert_eq!(receiver.waiting(), 0);
}

#[tokio::test]
async fn what_ended_while_nobody_ran_is_told_and_what_was_before_is_not() {
    let mut receiver = Receiver::start().await;
    let (app, ada) = app(&[&receiver]).await;
    app.ready(&ada, "Before", b"%PDF-").await;
    create(&app, &ada, &receiver.url()).await;
    let after = app.ready(&ada, "After", b"%PDF-").await;
    let running = run(&app);
    assert_eq!(receiver.next().await.payload().data.id, after.id);
    // Another server goes on where this one ended.
    app.stopping.cancel();
    running.await.unwrap();
    let later = app.failed(&ada).await;
    let webhooks = app.app.webhooks.clone();
    tokio::spawn(async move { webhooks.run(CancellationToken::new()).await });
    assert_eq!(receiver.next().await.payload().data.id, later.id);
    assert_eq!(receiver.waiting(), 0);
}

#[tokio::test]
async fn a_call_that_fails_is_made_again_under_the_same_id() {
    let mut receiver = Receiver::start().await;
    let (app, ada) = app(&[&receiver]).await;
    let created = create(&app, &ada, &receiver.url()).await;
    let _running = run(&app);
    receiver.answer(500, &[]);
    receiver.answer(503, &[("retry-after", "1800")]);
    app.failed(&ada).await;
    let first = receiver.next().await;
    let has = |attempts: u32, status: u16| {
        move |delivery: &Delivery| {
            (delivery.attempts, delivery.response_status) == (attempts, Some(status))
        }
    };
    let delivery = logged(&app, &ada, &created, has(1, 500)).await;
    assert_eq!(delivery.error, Some(DeliveryError::HttpStatus));
    assert_eq!(hook(&app, &ada).await.failing_since, Some(app.clock.now()));

    app.advance(Duration::from_secs(6));
    let second = receiver.next().await;
    second.verify(&secret(&created), app.clock.now());
    assert_eq!(second.header("webhook-id"), first.header("webhook-id"));
    assert_eq!(second.body, first.body);
    assert_ne!(
        second.header("webhook-signature"),
        first.header("webhook-signature")
    );
    // The receiver knows when it is back: later than the five minutes that it would be.
    let delivery = logged(&app, &ada, &created, has(2, 503)).await;
    let again_at = app.clock.now() + Duration::from_mins(30);
    assert_eq!(delivery.next_attempt_at, Some(again_at));
    app.advance(Duration::from_mins(30));
    receiver.next().await;
    logged(&app, &ada, &created, has(3, 204)).await;
    assert_eq!(hook(&app, &ada).await.failing_since, None);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_called_again() {
    let mut receiver = Receiver::start().await;
    let (app, ada) = app(&[&receiver]).await;
    let created = create(&app, &ada, &receiver.url()).await;
    let running = run(&app);
    receiver.answer(410, &[]);
    app.failed(&ada).await;
    receiver.next().await;
    let is_over = |delivery: &Delivery| delivery.status == DeliveryStatus::Failed;
    logged(&app, &ada, &created, is_over).await;
    let disabled = async {
        loop {
            if let Some(disabled) = hook(&app, &ada).await.disabled {
                return disabled;
            }
        }
    };
    let disabled = tokio::time::timeout(PATIENCE, disabled).await.unwrap();
    assert_eq!(disabled.reason, DisabledReason::Gone);
    app.failed(&ada).await;
    app.advance(Duration::from_hours(1));
    app.stopping.cancel();
    running.await.unwrap();
    assert_eq!(receiver.waiting(), 0);
}

#[tokio::test]
async fn a_webhook_that_nothing_gets_through_to_for_days_is_disabled() {
    let mut receiver = Receiver::start().await;
    let (app, ada) = app(&[&receiver]).await;
    let created = create(&app, &ada, &receiver.url()).await;
    let _running = run(&app);
    receiver.answer(500, &[]);
    app.failed(&ada).await;
    receiver.next().await;
    let tried = |attempts| {
        move |delivery: &Delivery| {
            delivery.attempts == attempts && delivery.last_attempt_at.is_some()
        }
    };
    logged(&app, &ada, &created, tried(1)).await;
    receiver.answer(500, &[]);
    app.advance(Duration::from_hours(4 * 24));
    let ada = app.signed_in("ada").await;
    receiver.next().await;
    let moment = app.clock.now();
    let is_now = |delivery: &Delivery| delivery.last_attempt_at == Some(moment);
    logged(&app, &ada, &created, is_now).await;
    assert_eq!(hook(&app, &ada).await.disabled, None);
    receiver.answer(500, &[]);
    app.advance(Duration::from_hours(24));
    let ada = app.signed_in("ada").await;
    receiver.next().await;
    let is_over = |delivery: &Delivery| delivery.error == Some(DeliveryError::WebhookDisabled);
    logged(&app, &ada, &created, is_over).await;
    let disabled = hook(&app, &ada).await.disabled.unwrap();
    assert_eq!(disabled.reason, DisabledReason::Failing);
}

#[tokio::test]
async fn redirects_lead_nowhere() {
    let mut receiver = Receiver::start().await;
    let elsewhere = Receiver::start().await;
    let (app, ada) = app(&[&receiver, &elsewhere]).await;
    let created = create(&app, &ada, &receiver.url()).await;
    let _running = run(&app);
    receiver.answer(307, &[("location", &elsewhere.url())]);
    app.failed(&ada).await;
    receiver.next().await;
    let tried = |delivery: &Delivery| delivery.response_status == Some(307);
    let delivery = logged(&app, &ada, &created, tried).await;
    assert_eq!(delivery.status, DeliveryStatus::Pending);
    assert_eq!(elsewhere.waiting(), 0);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    let receiver = Receiver::start().await;
    let (app, ada) = app(&[]).await;
    let port_80 = "http://rebound.example.com/hooks";
    let created = create(&app, &ada, port_80).await;
    let _running = run(&app);
    app.failed(&ada).await;
    let tried = |delivery: &Delivery| delivery.error.is_some();
    let delivery = logged(&app, &ada, &created, tried).await;
    assert_eq!(delivery.error, Some(DeliveryError::DestinationBlocked));
    assert_eq!(delivery.response_status, None);
    assert_eq!(receiver.waiting(), 0);
}

#[tokio::test]
async fn a_receiver_that_lets_everyone_wait_does_not_hold_up_others() {
    let slow = Receiver::closed().await;
    let mut quick = Receiver::start().await;
    let (app, ada) = app(&[&slow, &quick]).await;
    let bob = app.user("bob").await;
    create(&app, &ada, &slow.url()).await;
    create(&app, &bob, &quick.url()).await;
    for _ in 0..40 {
        app.failed(&ada).await;
    }
    for _ in 0..10 {
        app.failed(&bob).await;
    }
    let _running = run(&app);
    for _ in 0..10 {
        quick.next().await;
    }
    assert!(slow.waiting() <= 4, "{}", slow.waiting());
    slow.open();
}

#[tokio::test]
async fn a_call_under_way_ends_before_the_server_does() {
    let mut receiver = Receiver::closed().await;
    let (app, ada) = app(&[&receiver]).await;
    let created = create(&app, &ada, &receiver.url()).await;
    let running = run(&app);
    app.failed(&ada).await;
    receiver.next().await;
    app.stopping.cancel();
    tokio::task::yield_now().await;
    assert!(!running.is_finished());
    receiver.open();
    running.await.unwrap();
    let delivery = &log(&app, &ada, &created).await[0];
    assert_eq!(delivery.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn a_call_that_takes_too_long_for_the_end_is_handed_back() {
    let mut receiver = Receiver::closed().await;
    let app = TestApp::with(Settings {
        egress_allow: receiver.authority(),
        drain: Duration::ZERO,
        ..Settings::default()
    })
    .await;
    let ada = app.user("ada").await;
    let created = create(&app, &ada, &receiver.url()).await;
    let running = run(&app);
    app.failed(&ada).await;
    let first = receiver.next().await;
    app.stopping.cancel();
    running.await.unwrap();
    let delivery = &log(&app, &ada, &created).await[0];
    assert_eq!(delivery.status, DeliveryStatus::Pending);
    assert_eq!(delivery.next_attempt_at, Some(app.clock.now()));
    assert_eq!((delivery.attempts, delivery.error), (0, None));
    // Another server makes it at once.
    receiver.open();
    let webhooks = app.app.webhooks.clone();
    tokio::spawn(async move { webhooks.run(CancellationToken::new()).await });
    let second = receiver.next().await;
    assert_eq!(second.header("webhook-id"), first.header("webhook-id"));
}
