//! The disk is full.

use std::{fs::File, io::Write as _, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use platen_tests::{Server, Site, eventually, pdfs};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::PATIENCE;

/// Enough for the databases and some PDFs.
const MEGABYTES: u32 = 16;

/// Requests among which one does not fit: the databases have some room in files that they have.
const MANY: usize = 300;

/// Writes until nothing fits any more.
fn fill(file: &Path) -> Result<()> {
    let mut file = File::create(file)?;
    for size in [1 << 16, 1 << 12, 1] {
        let block = vec![0; size];
        while file.write_all(&block).is_ok() {}
    }
    Ok(())
}

#[tokio::test]
async fn on_a_full_disk_nothing_accepted_is_lost_and_with_room_it_goes_on() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::builder()
        .allow(site.authority())
        .disk(MEGABYTES)
        .start()
        .await?;
    let ada = server.user("ada").await?;
    let before = ada.request(&site.url("/simple")).await?;
    let before = ada.ready(&before).await?;
    let mut accepted = vec![ada.request(&site.url("/held")).await?];
    eventually("the page is asked for", PATIENCE, async || {
        Ok((site.held_requests() > 0).then_some(()))
    })
    .await?;

    let disk = server.disk()?;
    let filler = disk.join("filler");
    fill(&filler)?;
    site.release();
    let mut refused = 0;
    for _ in 0..MANY {
        let answer = ada
            .post("/request", &json!({ "url": site.url("/simple") }))
            .await?;
        if answer.status == StatusCode::CREATED {
            accepted.push(answer.expect(StatusCode::CREATED)?);
        } else {
            answer.expect_problem(503, "unavailable")?;
            refused += 1;
            if refused > 3 {
                break;
            }
        }
    }
    ensure!(
        refused > 0,
        "{} were accepted on a full disk",
        accepted.len()
    );
    // What is there can be read.
    ada.download(&before).await?.check().await?;
    ensure!(!ada.files().await?.is_empty(), "nothing is listed");
    eventually("storing was tried, and failed", PATIENCE, async || {
        Ok(server.log().contains("attempt failed").then_some(()))
    })
    .await?;

    std::fs::remove_file(&filler)?;
    for file in &accepted {
        let done = ended(&ada, file).await?;
        ensure!(done["status"] == "ready", "{done}");
        ada.download(&done).await?.check().await?;
    }
    let listed = ada.files().await?.len();
    ensure!(
        listed == (1 + accepted.len()).min(50),
        "{listed} are listed"
    );
    eventually("an object per file", Duration::from_secs(20), async || {
        Ok((pdfs(&disk)?.len() == 1 + accepted.len()).then_some(()))
    })
    .await
    .with_context(|| format!("{:?}", pdfs(&disk)))
}

/// The file once it is ready; one that failed meanwhile has a reason, and can be tried again.
async fn ended(client: &platen_tests::Client, file: &Value) -> Result<Value> {
    let done = client.finished(file).await?;
    if done["status"] == "ready" {
        return Ok(done);
    }
    ensure!(done["reason"]["code"] == "internal_error", "{done}");
    let id = file["id"].as_str().context("no id")?;
    let retry = format!("/request/{id}/retry");
    let again = client.post(&retry, &json!({})).await?;
    again.expect(StatusCode::ACCEPTED)?;
    client.finished(file).await
}
