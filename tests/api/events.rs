//! Learning what happens without asking again and again.

use anyhow::{Context, Result};
use platen_tests::{Server, Site};
use reqwest::StatusCode;

#[tokio::test]
async fn the_stream_tells_a_files_whole_life_to_its_owner_only() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let bob = server.user("bob").await?;
    let mut adas = ada.events(None).await?;
    let mut bobs = bob.events(None).await?;

    let file = ada.request(&site.url("/held")).await?;
    let id = &file["id"];
    adas.file(id, "rendering").await?;
    site.release();
    let ready = adas.file(id, "ready").await?;
    assert_eq!(ready.data["title"], "A page that was held");
    assert!(ready.data["pages"].is_u64() && ready.data["size"].is_u64());
    let name = ready.data["name"].as_str().context("no name")?;
    ada.delete(&format!("/file/{name}"))
        .await?
        .expect(StatusCode::NO_CONTENT)?;
    adas.file(id, "deleting").await?;

    // The first that Bob hears of is his own.
    let own = bob.request(&site.url("/simple")).await?;
    assert_eq!(bobs.next().await?.data["id"], own["id"]);
    Ok(())
}

#[tokio::test]
async fn a_slow_page_tells_how_far_it_is() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let mut events = ada.events(None).await?;
    let file = ada.request(&site.url("/slow/1500")).await?;
    assert_eq!(file.get("stage"), None, "it waits");
    let id = &file["id"];

    let loading = events.file(id, "rendering").await?;
    assert_eq!(loading.data["stage"], "loading");
    let state = format!("/request/{}", id.as_str().context("no id")?);
    assert_eq!(ada.get(&state).await?.ok()?["stage"], "loading");
    let printing = events.file(id, "rendering").await?;
    assert_eq!(printing.data["stage"], "printing");
    let ready = events.file(id, "ready").await?;
    assert_eq!(ready.data["title"], "A slow page");
    assert_eq!(ready.data.get("stage"), None, "it is over");
    Ok(())
}

#[tokio::test]
async fn a_client_that_was_away_gets_what_it_missed() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;

    let mut events = ada.events(None).await?;
    let first = ada.request(&site.url("/simple")).await?;
    let seen = events.file(&first["id"], "ready").await?;
    drop(events);
    let missed = ada.request(&site.url("/second")).await?;
    ada.ready(&missed).await?;

    let last = seen.id.context("events have no id")?;
    let mut events = ada.events(Some(&last)).await?;
    let event = events.file(&missed["id"], "ready").await?;
    assert_eq!(event.data["title"], "A second page");
    Ok(())
}
