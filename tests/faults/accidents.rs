//! Single accidents, each on the product as it runs on AWS.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use platen_peers::{Kind, Peer};
use platen_tests::eventually;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::sync::RwLock;

use crate::world::{PATIENCE, World};

#[tokio::test]
async fn a_message_that_nobody_understands_goes_and_the_next_one_is_handled() -> Result<()> {
    let world = World::start(&[]).await?;
    let ada = world.sign_up("ada").await?;
    for poison in ["", "{}", "not json", r#"{"v":99,"kind":"convert"}"#] {
        // SQS takes no empty message either.
        if !poison.is_empty() {
            world.cloud.send_poison(poison).await?;
        }
    }
    let file = ada.request(&world.site.url("/simple")).await?;
    ada.ready(&file).await?;
    eventually("the poison is gone", PATIENCE, async || {
        Ok((world.cloud.messages().await? == (0, 0)).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_hundred_at_once_are_accepted_and_deleted_at_once() -> Result<()> {
    let world = World::start(&[]).await?;
    let ada = world.sign_up("ada").await?;
    let url = world.site.url("/simple");
    let files = try_join_all((0..100).map(|_| ada.request(&url))).await?;
    let mut ids: Vec<_> = files.iter().map(|file| file["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 100);

    let (doomed, kept) = files.split_at(50);
    let delete = |file: &Value| {
        let path = format!("/file/{}", file["name"].as_str().unwrap_or_default());
        let ada = ada.clone();
        async move { ada.delete(&path).await?.expect(StatusCode::NO_CONTENT) }
    };
    try_join_all(doomed.iter().map(delete)).await?;
    for file in kept {
        ada.ready(file).await?;
    }
    let user = ada.user_id()?;
    eventually(
        "an object and a record per kept file",
        PATIENCE,
        async || {
            let objects = world.cloud.objects().await?.len();
            let records = world.cloud.records().await?;
            let records = records.keys().filter(|key| key.starts_with(&user)).count();
            Ok((objects == kept.len() && records == kept.len()).then_some(()))
        },
    )
    .await
}

#[tokio::test]
async fn an_account_that_ends_while_its_pages_are_made_leaves_nothing() -> Result<()> {
    let mut world = World::start(&[]).await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up("bob").await?);
    let url = world.site.url("/simple");
    let kept = bob.request(&url).await?;
    let files = try_join_all((0..40).map(|_| ada.request(&url))).await?;
    ada.ready(&files[0]).await?;
    ada.delete("/account").await?.expect(StatusCode::ACCEPTED)?;
    world.kill_backend().await?;
    world.revive().await?;

    bob.at(world.origin()?).ready(&kept).await?;
    eventually("only bob's file is left", PATIENCE, async || {
        let objects = world.cloud.objects().await?;
        let records = world.cloud.records().await?;
        let messages = world.cloud.messages().await?;
        let is_clean = objects.len() == 1 && records.len() == 1 && messages == (0, 0);
        Ok(is_clean.then_some(()))
    })
    .await
}

#[tokio::test]
async fn without_its_database_a_server_says_so_and_recovers_by_itself() -> Result<()> {
    let mut postgresql = Peer::start(Kind::PostgreSql).await?;
    let database = format!("{}/postgres", postgresql.url());
    let world = World::start(&[("DATABASE_URL", &database)]).await?;
    let ada = world.sign_up("ada").await?;

    postgresql.kill().await?;
    let answer = ada.get("/files").await?;
    answer.expect_problem(503, "unavailable")?;
    let stranger = world.client()?;
    let answer = stranger.with_token("not a token").get("/files").await?;
    ensure!(!answer.status.is_success(), "{}", answer.status);

    postgresql.restart().await?;
    eventually("the server answers again", PATIENCE, async || {
        let answer = ada.get("/files").await?;
        Ok((answer.status == StatusCode::OK).then_some(()))
    })
    .await
}

#[tokio::test]
async fn everything_is_replaced_under_load_and_nobody_notices() -> Result<()> {
    let mut world = World::start(&[]).await?;
    let ada = world.sign_up("ada").await?;
    let url = world.site.url("/simple");
    // Where the load balancer sends requests. Held while one is under way, so that the old server
    // has none left when it is told to stop: closing a kept connection and using it would race.
    let route = Arc::new(RwLock::new(world.origin()?.to_owned()));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let users: Vec<_> = (0..4)
        .map(|_| {
            let (ada, url) = (ada.clone(), url.clone());
            let (route, stopped) = (Arc::clone(&route), stopped.clone());
            tokio::spawn(async move {
                let mut files = Vec::new();
                while !*stopped.borrow() {
                    let origin = route.read().await;
                    // Every answer must be the one that was asked for; any other is an error.
                    files.push(ada.at(&origin).request(&url).await?);
                }
                anyhow::Ok(files)
            })
        })
        .collect();
    for _ in 0..2 {
        let old = world.replace_backend().await?;
        world.origin()?.clone_into(&mut *route.write().await);
        World::retire(old).await?;
        world.replace_workers().await?;
    }
    stop.send_replace(true);
    let mut files = Vec::new();
    for user in users {
        files.extend(user.await??);
    }
    ensure!(files.len() > 8, "only {} requests were made", files.len());
    let ada = ada.at(world.origin()?);
    for file in &files {
        ada.ready(file).await?;
    }
    let listed = eventually(
        "one listing per request",
        Duration::from_secs(20),
        async || {
            let count = world.cloud.objects().await?.len();
            Ok((count == files.len()).then_some(count))
        },
    )
    .await?;
    assert_eq!(listed, files.len());
    Ok(())
}
