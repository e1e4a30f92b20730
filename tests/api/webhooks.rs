//! Being called when a file has come to its end.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use platen_tests::{Canary, Client, Receiver, Server, ServerBuilder, Site, eventually};
use reqwest::StatusCode;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(1);

fn server(site: &Site, receiver: &Receiver) -> ServerBuilder {
    Server::builder()
        .allow(site.authority())
        .allow(receiver.authority())
}

async fn create(client: &Client, receiver: &Receiver) -> Result<Value> {
    let new = json!({ "url": receiver.url() });
    client
        .post("/webhooks", &new)
        .await?
        .expect(StatusCode::CREATED)
}

fn secret(created: &Value) -> &str {
    created["secret"].as_str().unwrap_or_default()
}

fn path(created: &Value) -> String {
    let id = created["webhook"]["id"].as_str().unwrap_or_default();
    format!("/webhooks/{id}")
}

/// The log of a webhook, once all of it is as wanted.
async fn log(client: &Client, created: &Value, status: &str, length: usize) -> Result<Vec<Value>> {
    let path = format!("{}/deliveries", path(created));
    eventually(&format!("{length} are {status}"), PATIENCE, async || {
        let list = client.get(&path).await?.ok()?;
        let log = list["deliveries"].as_array().context("no log")?.clone();
        let all = log.len() == length && log.iter().all(|delivery| delivery["status"] == status);
        Ok(all.then_some(log))
    })
    .await
}

#[tokio::test]
async fn a_receiver_is_told_what_became_of_each_file_and_can_tell_who_says_so() -> Result<()> {
    let (site, receiver) = (Site::start().await?, Receiver::start().await?);
    let server = server(&site, &receiver).start().await?;
    let ada = server.user("ada").await?;
    let created = create(&ada, &receiver).await?;
    let file = ada.request(&site.url("/simple")).await?;
    let call = receiver.next().await?;
    call.verify(secret(&created))?;
    ensure!(call.verify("whsec_AAAA").is_err());
    assert_eq!(call.header("content-type")?, "application/json");
    let payload = call.payload()?;
    let ready = ada.ready(&file).await?;
    assert_eq!(
        payload,
        json!({"type": "file.ready", "timestamp": ready["finished_at"], "data": ready})
    );

    let file = ada.request(&site.url("/status/404")).await?;
    let call = receiver.next().await?;
    call.verify(secret(&created))?;
    let payload = call.payload()?;
    assert_eq!(payload["type"], "file.failed");
    assert_eq!(payload["data"], ada.finished(&file).await?);

    let log = log(&ada, &created, "delivered", 2).await?;
    assert_eq!(log[0]["id"], call.header("webhook-id")?);
    assert_eq!(log[0]["file_id"], file["id"]);
    assert_eq!(
        (&log[0]["attempts"], &log[0]["response_status"]),
        (&1.into(), &204.into())
    );
    ensure!(
        !server.log().contains(secret(&created)),
        "the secret is in the log"
    );
    ensure!(receiver.waiting().await == 0, "called twice");
    Ok(())
}

#[tokio::test]
async fn a_call_is_made_again_after_a_failure_and_not_after_410() -> Result<()> {
    let (site, receiver) = (Site::start().await?, Receiver::start().await?);
    let server = server(&site, &receiver).start().await?;
    let ada = server.user("ada").await?;
    let created = create(&ada, &receiver).await?;
    receiver.answer(StatusCode::INTERNAL_SERVER_ERROR);
    receiver.answer(StatusCode::GONE);
    ada.request(&site.url("/simple")).await?;
    let first = receiver.next().await?;
    // Five seconds later.
    let second = receiver.next().await?;
    second.verify(secret(&created))?;
    assert_eq!(first.header("webhook-id")?, second.header("webhook-id")?);
    assert_eq!(first.body, second.body);
    let log = log(&ada, &created, "failed", 1).await?;
    assert_eq!(
        (&log[0]["attempts"], &log[0]["response_status"]),
        (&2.into(), &410.into())
    );
    let disabled = eventually("it is disabled", PATIENCE, async || {
        let list = ada.get("/webhooks").await?.ok()?;
        let disabled = list["webhooks"][0]["disabled"].clone();
        Ok(disabled.is_object().then_some(disabled))
    });
    assert_eq!(disabled.await?["reason"], "gone");
    Ok(())
}

#[tokio::test]
async fn no_receiver_inside_is_called() -> Result<()> {
    let (site, receiver, canary) = (
        Site::start().await?,
        Receiver::start().await?,
        Canary::start().await?,
    );
    let server = server(&site, &receiver).start().await?;
    let ada = server.user("ada").await?;
    for url in [
        canary.url(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://localhost/hooks".to_owned(),
        server.ops().to_owned(),
    ] {
        let answer = ada.post("/webhooks", &json!({ "url": url })).await?;
        let problem = answer.expect_problem(422, "destination_blocked")?;
        assert_eq!(problem["errors"][0]["pointer"], "/url");
    }
    assert_eq!(ada.get("/webhooks").await?.ok()?["webhooks"], json!([]));
    assert_eq!(canary.connections(), 0);
    Ok(())
}

#[tokio::test]
async fn what_a_file_ended_with_is_told_after_the_power_went_off() -> Result<()> {
    let (site, receiver) = (Site::start().await?, Receiver::start().await?);
    // Down when the file is ready, so that the call is to be made again.
    let authority = receiver.authority();
    let server = Server::builder().allow(site.authority()).allow(&authority);
    let server = server.start().await?;
    let ada = server.user("ada").await?;
    let created = create(&ada, &receiver).await?;
    drop(receiver);
    let file = ada.request(&site.url("/simple")).await?;
    ada.ready(&file).await?;
    // An attempt that nobody has seen the end of would be left alone for two minutes.
    eventually("the first attempt failed", PATIENCE, async || {
        let log = log(&ada, &created, "pending", 1).await?;
        Ok((log[0]["attempts"] == 1 && log[0]["last_attempt_at"].is_string()).then_some(()))
    })
    .await?;
    let data = server.kill().await?;

    let receiver = Receiver::at(&authority).await?;
    let server = Server::builder()
        .allow(site.authority())
        .allow(&authority)
        .data(&data)
        .start()
        .await?;
    let call = receiver.next().await?;
    call.verify(secret(&created))?;
    assert_eq!(call.payload()?["data"]["id"], file["id"]);
    let log = log(&ada.at(server.origin()), &created, "delivered", 1).await?;
    assert_eq!(log[0]["attempts"], 2);
    Ok(())
}

#[tokio::test]
async fn a_webhook_ends_with_its_deletion_and_with_the_account() -> Result<()> {
    let (site, receiver) = (Site::start().await?, Receiver::start().await?);
    let server = server(&site, &receiver).start().await?;
    let (ada, bob) = (server.user("ada").await?, server.user("bob").await?);
    let (adas, bobs) = (
        create(&ada, &receiver).await?,
        create(&ada, &receiver).await?,
    );
    let others = create(&bob, &receiver).await?;
    ada.delete(&path(&adas))
        .await?
        .expect(StatusCode::NO_CONTENT)?;
    ada.delete(&path(&bobs))
        .await?
        .expect(StatusCode::NO_CONTENT)?;
    bob.delete("/account").await?.expect(StatusCode::ACCEPTED)?;
    let file = ada.request(&site.url("/simple")).await?;
    ada.ready(&file).await?;
    // What a webhook that is there is told comes after all that is told to others.
    let last = create(&ada, &receiver).await?;
    ada.request(&site.url("/simple")).await?;
    let call = receiver.next().await?;
    call.verify(secret(&last))?;
    ensure!(call.verify(secret(&others)).is_err());
    ensure!(receiver.waiting().await == 0, "a deleted webhook is called");
    Ok(())
}
