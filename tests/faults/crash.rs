//! The power goes off.

use std::time::Duration;

use anyhow::{Context, Result};
use platen_tests::{Server, Site, eventually};
use reqwest::StatusCode;

#[tokio::test]
async fn a_job_killed_during_its_rendering_ends_ready_once_after_a_restart() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let waiting = ada.request(&site.url("/held")).await?;
    eventually(
        "the page is asked for",
        Duration::from_mins(1),
        async || Ok((site.held_requests() > 0).then_some(())),
    )
    .await?;
    let queued = ada.request(&site.url("/simple")).await?;
    let data = server.kill().await?;
    assert!(
        data.pdfs()?.len() <= 1,
        "only the second page may have been printed"
    );

    site.release();
    let server = Server::builder()
        .allow(site.authority())
        .data(&data)
        .start()
        .await?;
    let ada = ada.at(server.origin());
    for file in [&waiting, &queued] {
        ada.ready(file).await?;
    }

    let files = ada.files().await?;
    let ids: Vec<_> = files.iter().map(|file| &file["id"]).collect();
    assert_eq!(ids, [&queued["id"], &waiting["id"]]);
    eventually(
        "an object per file is left",
        Duration::from_secs(20),
        async || Ok((data.pdfs()?.len() == 2).then_some(())),
    )
    .await?;
    let text = ada.download(&files[1]).await?.text().await?;
    assert_eq!(text, "Released");
    Ok(())
}

#[tokio::test]
async fn an_account_that_ended_right_before_leaves_nothing() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    for _ in 0..20 {
        ada.request(&site.url("/simple")).await?;
    }
    let first = ada.files().await?.pop().context("no file")?;
    ada.ready(&first).await?;
    ada.delete("/account").await?.expect(StatusCode::ACCEPTED)?;
    let data = server.kill().await?;

    let server = Server::builder()
        .allow(site.authority())
        .data(&data)
        .start()
        .await?;
    let after = ada.at(server.origin()).get("/files").await?;
    after.expect_problem(401, "unauthenticated")?;
    eventually("no PDF is left", Duration::from_secs(20), async || {
        Ok(data.pdfs()?.is_empty().then_some(()))
    })
    .await
}

#[tokio::test]
async fn the_browser_of_a_killed_server_does_not_live_on() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let file = ada.request(&site.url("/held")).await?;
    eventually(
        "the page is asked for",
        Duration::from_mins(1),
        async || Ok((site.held_requests() > 0).then_some(())),
    )
    .await?;
    let browsers = server.descendants()?;
    assert!(!browsers.is_empty(), "no browser is rendering {file}");
    server.kill().await.context("kill")?;
    eventually("the browser ends", Duration::from_secs(30), async || {
        Ok(browsers
            .iter()
            .all(|process| !process.is_running())
            .then_some(()))
    })
    .await
}
