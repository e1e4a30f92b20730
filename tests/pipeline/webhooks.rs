//! Several servers call the webhooks of files that converters have ended.

use std::{collections::HashSet, time::Duration};

use anyhow::{Result, ensure};
use platen_peers::{Kind, Peer};
use platen_tests::{Client, Receiver, eventually};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::cloud::{Cloud, PATIENCE};

const PAGE: &str = "https://example.com/";

/// As many as one user may have.
const HOOKS: usize = 10;

/// Has requests fail: converters die of their messages, until the queue has had enough.
async fn fail(cloud: &Cloud, client: &Client, files: &[Value]) -> Result<()> {
    let queue = cloud.resource("PLATEN_SQS_QUEUE_URL")?;
    let receive = json!({
        "QueueUrl": queue, "VisibilityTimeout": 0, "MaxNumberOfMessages": 10,
    });
    for file in files {
        let path = format!("/request/{}", file["id"].as_str().unwrap_or_default());
        eventually("the file has failed", PATIENCE, async || {
            cloud.call("AmazonSQS.ReceiveMessage", &receive).await?;
            let file = client.get(&path).await?.ok()?;
            Ok((file["status"] == "failed").then_some(()))
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn servers_share_the_calls_and_make_each_once() -> Result<()> {
    let (cloud, receiver) = (Cloud::new().await?, Receiver::start().await?);
    let postgresql = Peer::start(Kind::PostgreSql).await?;
    let database = format!("{}/postgres", postgresql.url());
    let start = || cloud.server(&database).allow(receiver.authority()).start();
    let (mut one, two) = tokio::try_join!(start(), start())?;

    let ada = one.user("ada").await?;
    let hook = json!({ "url": receiver.url() });
    for _ in 0..HOOKS {
        ada.post("/webhooks", &hook)
            .await?
            .expect(StatusCode::CREATED)?;
    }
    let files = [ada.request(PAGE).await?, ada.request(PAGE).await?];
    // Whoever calls, it need not be the server that was asked.
    let elsewhere = ada.at(two.origin());
    fail(&cloud, &elsewhere, &files).await?;
    let mut told = HashSet::new();
    for _ in 0..HOOKS * files.len() {
        let call = receiver.next().await?;
        assert_eq!(call.payload()?["type"], "file.failed");
        let id = call.header("webhook-id")?.to_owned();
        ensure!(told.insert(id), "{call:?} came twice");
    }

    // The other server goes on alone.
    one.terminate()?;
    one.ended(Duration::from_secs(40)).await?;
    let last = elsewhere.request(PAGE).await?;
    fail(&cloud, &elsewhere, std::slice::from_ref(&last)).await?;
    for _ in 0..HOOKS {
        let call = receiver.next().await?;
        assert_eq!(call.payload()?["data"]["id"], last["id"]);
    }
    ensure!(receiver.waiting().await == 0, "called twice");
    Ok(())
}
