//! A server whose pages are converted by somebody else.

use std::slice;

use anyhow::Result;
use platen_peers::{Kind, Peer};
use platen_tests::{DataDir, Server, eventually};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::cloud::{Cloud, PATIENCE, sqlite};

const PAGE: &str = "https://example.com/";

async fn readiness(cloud: &Cloud, server: &Server) -> Result<(StatusCode, Value)> {
    let answer = cloud.http.get(format!("{}/readyz", server.ops()));
    let answer = answer.send().await?;
    Ok((answer.status(), answer.json().await?))
}

#[tokio::test]
async fn a_request_is_a_row_and_a_message_and_nothing_on_this_machine() -> Result<()> {
    let cloud = Cloud::new().await?;
    let accounts = DataDir::new()?;
    let server = cloud.server(&sqlite(&accounts)).start().await?;
    let (status, ready) = readiness(&cloud, &server).await?;
    assert_eq!(
        (status, ready["checks"].as_array().map(Vec::len)),
        (StatusCode::OK, Some(4))
    );

    let ada = server.user("ada").await?;
    let file = ada.request(PAGE).await?;
    let (_, message) = cloud.message().await?;
    assert_eq!(
        (&message["kind"], &message["file_id"]),
        (&"convert".into(), &file["id"])
    );
    assert_eq!(cloud.status_of(&message).await?, "queued");
    assert_eq!(ada.files().await?, slice::from_ref(&file));

    let name = file["name"].as_str().unwrap_or_default();
    ada.delete(&format!("/file/{name}"))
        .await?
        .expect(StatusCode::NO_CONTENT)?;
    let (_, message) = cloud.message().await?;
    assert_eq!(
        (&message["kind"], &message["file_id"]),
        (&"delete".into(), &file["id"])
    );
    assert_eq!(cloud.status_of(&message).await?, "deleting");
    assert_eq!(ada.files().await?, [] as [Value; 0]);

    assert_eq!(std::fs::read_dir(server.data().path())?.count(), 0);
    assert!(server.descendants()?.is_empty(), "there is a browser");
    Ok(())
}

#[tokio::test]
async fn a_lost_message_is_sent_again() -> Result<()> {
    let cloud = Cloud::new().await?;
    let accounts = DataDir::new()?;
    let server = cloud.server(&sqlite(&accounts));
    let server = server.env("PLATEN_RESEND_AFTER", "1").start().await?;
    let file = server.user("ada").await?.request(PAGE).await?;
    let (message, _) = cloud.message().await?;
    let queue = cloud.resource("PLATEN_SQS_QUEUE_URL")?;
    let delete = json!({"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]});
    cloud.call("AmazonSQS.DeleteMessage", &delete).await?;
    let (_, again) = cloud.message().await?;
    assert_eq!(again["file_id"], file["id"]);
    Ok(())
}

#[tokio::test]
async fn a_message_that_nobody_can_handle_ends_as_a_failure() -> Result<()> {
    let cloud = Cloud::new().await?;
    let accounts = DataDir::new()?;
    let server = cloud.server(&sqlite(&accounts)).start().await?;
    let ada = server.user("ada").await?;
    let file = ada.request(PAGE).await?;
    let path = format!("/request/{}", file["id"].as_str().unwrap_or_default());
    // Converters die of it, until the queue has had enough.
    let queue = cloud.resource("PLATEN_SQS_QUEUE_URL")?;
    let receive = json!({"QueueUrl": queue, "VisibilityTimeout": 0});
    let failed = eventually("the file has failed", PATIENCE, async || {
        cloud.call("AmazonSQS.ReceiveMessage", &receive).await?;
        let file = ada.get(&path).await?.ok()?;
        Ok((file["status"] == "failed").then_some(file))
    })
    .await?;
    assert_eq!(failed["reason"]["code"], "internal_error");
    Ok(())
}

#[tokio::test]
async fn servers_share_accounts_and_files() -> Result<()> {
    let cloud = Cloud::new().await?;
    let postgresql = Peer::start(Kind::PostgreSql).await?;
    let database = format!("{}/postgres", postgresql.url());
    // At the same time, on a database without a schema.
    let start = || cloud.server(&database).start();
    let (one, two, three) = tokio::try_join!(start(), start(), start())?;

    let ada = one.user("ada").await?;
    let file = ada.request(PAGE).await?;
    for server in [&two, &three] {
        let files = ada.at(server.origin()).files().await?;
        assert_eq!(files, slice::from_ref(&file));
    }
    let elsewhere = two.client()?.sign_in("ada").await?;
    for server in [&one, &three] {
        let answer = ada.at(server.origin()).get("/account").await?;
        answer.expect_problem(401, "session_superseded")?;
        elsewhere.at(server.origin()).get("/account").await?.ok()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_is_ready_when_what_it_needs_is_there() -> Result<()> {
    let cloud = Cloud::new().await?;
    let accounts = DataDir::new()?;
    let later = format!("{}-later", cloud.name);
    let server = cloud.server(&sqlite(&accounts));
    let server = server.env("PLATEN_DYNAMODB_TABLE", &later).start().await?;
    let (status, ready) = readiness(&cloud, &server).await?;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let index = &ready["checks"][1];
    assert_eq!(
        (&index["part"], &index["ok"]),
        (&"index".into(), &false.into())
    );

    let mut table = cloud
        .call(
            "DynamoDB_20120810.DescribeTable",
            &json!({"TableName": cloud.name}),
        )
        .await?;
    let table = &mut table["Table"];
    let create = json!({
        "TableName": later,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": table["KeySchema"].take(),
        "AttributeDefinitions": [
            {"AttributeName": "user_id", "AttributeType": "S"},
            {"AttributeName": "file_id", "AttributeType": "S"},
        ],
    });
    cloud.call("DynamoDB_20120810.CreateTable", &create).await?;
    eventually("ready", PATIENCE, async || {
        Ok((readiness(&cloud, &server).await?.0 == StatusCode::OK).then_some(()))
    })
    .await
}
