//! Webhooks and their deliveries.

use std::time::Duration;

use jiff::Timestamp;
use platen_api_types::{
    Delivery, DeliveryError, DeliveryStatus, Disabled, DisabledReason, UserId, Webhook,
    WebhookEvent, WebhookId,
};
use platen_pipeline::{Clock, Revision};
use uuid::Uuid;

use super::Fixture;
use crate::{
    accounts::Password,
    webhooks::{Attempt, DeliveryInserted, HookInserted, NewDelivery, Tried, WebhookStore},
};

const LEASE: Duration = Duration::from_mins(1);

fn store(on: &Fixture) -> WebhookStore {
    WebhookStore::new(on.database.clone())
}

async fn user(on: &Fixture, name: &str) -> UserId {
    let password = Password::new("correct horse battery");
    let username = name.parse().unwrap();
    on.accounts.sign_up(username, password).await.unwrap();
    let user = on.store.user_by_name(&name.parse().unwrap()).await.unwrap();
    user.unwrap().id
}

async fn hook(on: &Fixture, user: UserId) -> Webhook {
    let hook = Webhook {
        id: on.ids.webhook(),
        url: "https://example.com/hooks".to_owned(),
        events: WebhookEvent::ALL.to_vec(),
        created_at: on.clock.now(),
        failing_since: None,
        disabled: None,
    };
    let inserted = store(on).insert(user, &hook, "sealed", Revision(7)).await;
    assert_eq!(inserted.unwrap(), HookInserted::Created);
    hook
}

fn delivery(on: &Fixture, hook: WebhookId) -> NewDelivery {
    NewDelivery {
        id: on.ids.delivery(),
        hook,
        file: on.ids.file(),
        event: WebhookEvent::FileReady,
        ended_at: on.clock.now(),
        created_at: on.clock.now(),
        body: "{}".to_owned(),
    }
}

async fn put_down(on: &Fixture, hook: WebhookId) -> NewDelivery {
    let new = delivery(on, hook);
    let inserted = store(on).insert_delivery(&new).await.unwrap();
    assert_eq!(inserted, DeliveryInserted::Created);
    new
}

async fn claim(on: &Fixture, hook: WebhookId) -> Option<Attempt> {
    let now = on.clock.now();
    store(on).claim_due(hook, now, now + LEASE).await.unwrap()
}

async fn log(on: &Fixture, hook: WebhookId) -> Vec<Delivery> {
    store(on).deliveries(hook, None, 50).await.unwrap()
}

fn failed(on: &Fixture, again_at: Option<Timestamp>) -> Tried {
    Tried {
        at: on.clock.now(),
        response_status: Some(500),
        error: Some(DeliveryError::HttpStatus),
        again_at,
    }
}

pub(super) async fn what_a_webhook_is_made_of_is_kept(on: &Fixture) {
    let (ada, bob) = (user(on, "ada").await, user(on, "bob").await);
    let store = store(on);
    let long = Webhook {
        url: format!("https://example.com/{}", "x".repeat(2028)),
        events: vec![WebhookEvent::FileFailed],
        ..hook(on, ada).await
    };
    let long = Webhook {
        id: on.ids.webhook(),
        created_at: long.created_at + Duration::from_millis(1),
        ..long
    };
    store
        .insert(ada, &long, "sealed", Revision(1))
        .await
        .unwrap();
    let hooks = store.of_user(ada).await.unwrap();
    assert_eq!((hooks.len(), &hooks[0]), (2, &long));
    assert_eq!(store.count(ada).await.unwrap(), 2);
    assert_eq!(store.of_user(bob).await.unwrap(), []);

    assert!(!store.exists(bob, long.id).await.unwrap());
    assert!(!store.delete(bob, long.id).await.unwrap());
    assert!(store.delete(ada, long.id).await.unwrap());
    assert!(!store.delete(ada, long.id).await.unwrap());
    assert!(!store.exists(ada, long.id).await.unwrap());
}

pub(super) async fn webhooks_go_with_their_user_and_none_is_made_after(on: &Fixture) {
    let ada = user(on, "ada").await;
    let store = store(on);
    let adas = hook(on, ada).await;
    put_down(on, adas.id).await;
    on.store.erase_user(ada, on.clock.now()).await.unwrap();
    assert_eq!(log(on, adas.id).await, []);
    assert_eq!(store.of_user(ada).await.unwrap(), []);
    assert_eq!(store.due_hooks(on.clock.now(), 10).await.unwrap(), []);
    let late = store.insert(ada, &adas, "sealed", Revision(1)).await;
    assert_eq!(late.unwrap(), HookInserted::NoSuchUser);
    let late = store.insert_delivery(&delivery(on, adas.id)).await;
    assert_eq!(late.unwrap(), DeliveryInserted::NotWanted);
}

pub(super) async fn one_server_follows_a_webhook_until_its_lease_ends(on: &Fixture) {
    let ada = user(on, "ada").await;
    let store = store(on);
    let first = hook(on, ada).await.id;
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let take = |server| {
        let now = on.clock.now();
        let store = &store;
        async move {
            let taken = store.take(server, now, now + LEASE / 2, now + LEASE).await;
            let taken = taken.unwrap().into_iter();
            taken.map(|hook| (hook.id, hook.seen)).collect::<Vec<_>>()
        }
    };
    assert_eq!(take(one).await, [(first, Revision(7))]);
    assert_eq!(take(two).await, []);
    assert!(store.saw(one, first, Revision(9)).await.unwrap());
    assert!(!store.saw(two, first, Revision(8)).await.unwrap());
    // Prolonged in time.
    on.clock.advance(LEASE * 3 / 4);
    assert_eq!(take(one).await, [(first, Revision(9))]);
    on.clock.advance(LEASE * 3 / 4);
    assert_eq!(take(two).await, []);
    // And not in time.
    on.clock.advance(LEASE);
    assert_eq!(take(two).await, [(first, Revision(9))]);
    assert!(!store.saw(one, first, Revision(10)).await.unwrap());
    // Given up by itself.
    store.release(two).await.unwrap();
    assert_eq!(take(one).await, [(first, Revision(9))]);
    store
        .disable(first, DisabledReason::Gone, on.clock.now())
        .await
        .unwrap();
    assert_eq!(take(one).await, []);
}

pub(super) async fn the_same_end_of_a_file_is_put_down_once(on: &Fixture) {
    let ada = user(on, "ada").await;
    let (one, other) = (hook(on, ada).await.id, hook(on, ada).await.id);
    let first = put_down(on, one).await;
    let store = store(on);
    let again = NewDelivery {
        id: on.ids.delivery(),
        ..first.clone()
    };
    let known = store.insert_delivery(&again).await.unwrap();
    assert_eq!(known, DeliveryInserted::Known);
    for different in [
        NewDelivery {
            hook: other,
            ..again.clone()
        },
        NewDelivery {
            id: on.ids.delivery(),
            ended_at: again.ended_at + Duration::from_millis(1),
            ..again
        },
    ] {
        let created = store.insert_delivery(&different).await.unwrap();
        assert_eq!(created, DeliveryInserted::Created);
    }
}

pub(super) async fn of_many_servers_one_makes_an_attempt(on: &Fixture) {
    let ada = user(on, "ada").await;
    let hook = hook(on, ada).await.id;
    for _ in 0..5 {
        put_down(on, hook).await;
    }
    let servers = (0..16).map(|_| claim(on, hook));
    let claimed = futures::future::join_all(servers).await;
    let mut ids: Vec<_> = claimed.iter().flatten().map(|attempt| attempt.id).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "one was claimed twice");
    // Those that came too late for the last one got nothing; nothing is left over for the next.
    while claim(on, hook).await.is_some() {
        ids.push(on.ids.delivery());
    }
    assert_eq!(ids.len(), 5);
}

pub(super) async fn an_attempt_is_made_again_when_its_server_died(on: &Fixture) {
    let ada = user(on, "ada").await;
    let hook = hook(on, ada).await.id;
    // Longer than a TEXT of MySQL, in characters of four bytes.
    let body = "\u{1f4c4}".repeat(50_000);
    let new = NewDelivery {
        body: body.clone(),
        ..delivery(on, hook)
    };
    store(on).insert_delivery(&new).await.unwrap();
    let first = claim(on, hook).await.unwrap();
    assert_eq!((first.id, first.number), (new.id, 1));
    assert_eq!((&*first.secret, first.body.len()), ("sealed", body.len()));
    assert_eq!(claim(on, hook).await, None);
    on.clock.advance(LEASE);
    let second = claim(on, hook).await.unwrap();
    assert_eq!((second.id, second.number), (new.id, 2));
    // The first was only slow: what it says counts no more.
    let late = Tried {
        error: None,
        ..failed(on, None)
    };
    assert_eq!(store(on).tried(&first, &late).await.unwrap(), None);
    assert_eq!(log(on, hook).await[0].status, DeliveryStatus::Pending);
    store(on).hand_back(&first, on.clock.now()).await.unwrap();
    assert_eq!(claim(on, hook).await, None);
    // Handed back, it counts for nothing.
    store(on).hand_back(&second, on.clock.now()).await.unwrap();
    assert_eq!(claim(on, hook).await.unwrap().number, 2);
}

pub(super) async fn a_delivery_is_tried_until_it_gets_through(on: &Fixture) {
    let ada = user(on, "ada").await;
    let hook = hook(on, ada).await.id;
    let new = put_down(on, hook).await;
    let store = store(on);
    let now = on.clock.now();
    let attempt = claim(on, hook).await.unwrap();
    let again_at = now + Duration::from_mins(5);
    let tried = store.tried(&attempt, &failed(on, Some(again_at))).await;
    assert_eq!(tried.unwrap(), Some(now));
    let expected = Delivery {
        id: new.id,
        event: new.event,
        file_id: new.file,
        status: DeliveryStatus::Pending,
        attempts: 1,
        created_at: now,
        last_attempt_at: Some(now),
        next_attempt_at: Some(again_at),
        response_status: Some(500),
        error: Some(DeliveryError::HttpStatus),
    };
    assert_eq!(log(on, hook).await, std::slice::from_ref(&expected));
    assert_eq!(
        store.of_user(ada).await.unwrap()[0].failing_since,
        Some(now)
    );
    assert_eq!(store.next_due(now).await.unwrap(), Some(again_at));
    assert_eq!(claim(on, hook).await, None);

    on.clock.advance(Duration::from_mins(5));
    assert_eq!(store.due_hooks(on.clock.now(), 10).await.unwrap(), [hook]);
    let attempt = claim(on, hook).await.unwrap();
    assert_eq!(attempt.body, "{}");
    let through = Tried {
        at: on.clock.now(),
        response_status: Some(204),
        error: None,
        again_at: None,
    };
    store.tried(&attempt, &through).await.unwrap();
    let delivered = Delivery {
        status: DeliveryStatus::Delivered,
        attempts: 2,
        last_attempt_at: Some(on.clock.now()),
        next_attempt_at: None,
        response_status: Some(204),
        error: None,
        ..expected
    };
    assert_eq!(log(on, hook).await, [delivered]);
    assert_eq!(store.of_user(ada).await.unwrap()[0].failing_since, None);
    assert_eq!(store.next_due(now).await.unwrap(), None);
}

pub(super) async fn a_disabled_webhook_is_told_nothing(on: &Fixture) {
    let ada = user(on, "ada").await;
    let (hook, other) = (hook(on, ada).await.id, hook(on, ada).await.id);
    let store = store(on);
    put_down(on, hook).await;
    put_down(on, other).await;
    let at = on.clock.now();
    store.disable(hook, DisabledReason::Gone, at).await.unwrap();
    // The first reason stays.
    let later = at + LEASE;
    store
        .disable(hook, DisabledReason::Failing, later)
        .await
        .unwrap();
    let hooks = store.of_user(ada).await.unwrap();
    let disabled = hooks
        .iter()
        .find(|found| found.id == hook)
        .unwrap()
        .disabled;
    let reason = DisabledReason::Gone;
    assert_eq!(disabled, Some(Disabled { at, reason }));
    let ended = &log(on, hook).await[0];
    assert_eq!(ended.status, DeliveryStatus::Failed);
    assert_eq!(ended.error, Some(DeliveryError::WebhookDisabled));
    // Put down by a server that had not heard.
    let late = store.insert_delivery(&delivery(on, hook)).await;
    assert_eq!(late.unwrap(), DeliveryInserted::NotWanted);
    assert_eq!(claim(on, hook).await, None);
    assert_eq!(store.due_hooks(at, 10).await.unwrap(), [other]);
    assert!(claim(on, other).await.is_some());
}

pub(super) async fn the_log_is_paged_and_pruned(on: &Fixture) {
    let ada = user(on, "ada").await;
    let hook = hook(on, ada).await.id;
    let store = store(on);
    let mut ids = Vec::new();
    for _ in 0..6 {
        on.clock.advance(Duration::from_millis(1));
        ids.insert(0, put_down(on, hook).await.id);
    }
    let page = async |after, limit| {
        let page = store.deliveries(hook, after, limit).await.unwrap();
        page.iter().map(|delivery| delivery.id).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 4).await, ids[..4]);
    assert_eq!(page(Some(ids[3]), 4).await, ids[4..]);

    // The oldest two have been tried; the others are still to be.
    for _ in 0..2 {
        let attempt = claim(on, hook).await.unwrap();
        store.tried(&attempt, &failed(on, None)).await.unwrap();
    }
    let epoch = Timestamp::UNIX_EPOCH;
    store.prune(epoch, 6).await.unwrap();
    assert_eq!(page(None, 50).await, ids);
    store.prune(epoch, 5).await.unwrap();
    assert_eq!(page(None, 50).await, ids[..5]);
    store.prune(epoch, 1).await.unwrap();
    assert_eq!(page(None, 50).await, ids[..4]);
    store.prune(on.clock.now(), 50).await.unwrap();
    assert_eq!(page(None, 50).await, ids[..1]);
}

pub(super) async fn a_secret_is_resealed_once(on: &Fixture) {
    let ada = user(on, "ada").await;
    let hook = hook(on, ada).await.id;
    let store = store(on);
    store.reseal(hook, "sealed", "anew").await.unwrap();
    store.reseal(hook, "sealed", "too late").await.unwrap();
    let now = on.clock.now();
    let taken = store.take(Uuid::from_u128(1), now, now, now + LEASE).await;
    assert_eq!(taken.unwrap()[0].secret, "anew");
}
