//! Stopping politely.

use std::time::Duration;

use anyhow::Result;
use platen_tests::{Server, Site, eventually};

#[tokio::test]
async fn a_running_render_is_finished_before_the_server_ends() -> Result<()> {
    let site = Site::start().await?;
    let mut server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let file = ada.request(&site.url("/held")).await?;
    eventually(
        "the page is asked for",
        Duration::from_mins(1),
        async || Ok((site.held_requests() > 0).then_some(())),
    )
    .await?;

    server.terminate()?;
    eventually(
        "nobody new is let in",
        Duration::from_secs(20),
        async || Ok(ada.get("/account").await.is_err().then_some(())),
    )
    .await?;
    site.release();
    let status = server.ended(Duration::from_secs(40)).await?;
    assert!(status.success(), "{status}");
    assert_eq!(site.held_requests(), 1);

    let data = server.data().clone();
    assert_eq!(data.pdfs()?.len(), 1, "the render was not finished");
    let server = Server::builder()
        .allow(site.authority())
        .data(&data)
        .start()
        .await?;
    let ada = server.client()?.sign_in("ada").await?;
    let file = ada
        .get(&format!(
            "/request/{}",
            file["id"].as_str().unwrap_or_default()
        ))
        .await?
        .ok()?;
    assert_eq!(file["status"], "ready");
    assert_eq!(site.held_requests(), 1);
    Ok(())
}

#[tokio::test]
async fn a_session_and_its_files_survive_a_restart() -> Result<()> {
    let site = Site::start().await?;
    let mut server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let file = ada.request(&site.url("/simple")).await?;
    let file = ada.ready(&file).await?;
    server.terminate()?;
    server.ended(Duration::from_secs(40)).await?;

    let data = server.data().clone();
    let server = Server::builder()
        .allow(site.authority())
        .data(&data)
        .start()
        .await?;
    let ada = ada.at(server.origin());
    assert_eq!(ada.files().await?, std::slice::from_ref(&file));
    ada.download(&file).await?.check().await
}
