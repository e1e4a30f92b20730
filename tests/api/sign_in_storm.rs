//! Very many who sign in at once.

use anyhow::{Context as _, Result};
use futures::future::join_all;
use platen_tests::{PASSWORD, Server, Site};
use reqwest::StatusCode;
use serde_json::json;

/// What two hashes at a time may take, and what they leave to the allocator, on top of an idle server.
const MOST_KIB: u64 = 400 * 1024;

/// A hash takes 19 MiB. The memory of very many is that of those that are computed at the same time, also
/// where downloads have left many threads that could each compute one.
#[tokio::test]
async fn a_storm_takes_the_memory_of_a_few_hashes() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::builder()
        .allow(site.authority())
        .env("PLATEN_HASHING_CONCURRENCY", "2")
        .env("PLATEN_SIGN_INS_PER_MINUTE", "1000000")
        .start()
        .await?;
    let client = server.client()?;
    let reader = client.sign_up("reader").await?;
    let file = reader.request(&site.url("/simple")).await?;
    let file = reader.ready(&file).await?;
    client.sign_up("ada").await?;
    let account = json!({ "username": "ada", "password": PASSWORD });
    let mut shed = 0;
    for _ in 0..5 {
        for pdf in join_all((0..100).map(|_| reader.download(&file))).await {
            pdf?;
        }
        for answer in join_all((0..100).map(|_| client.post("/sign-in", &account))).await {
            let answer = answer?;
            if answer.status != StatusCode::OK {
                answer.expect_problem(503, "overloaded")?;
                answer.header("retry-after").context("no Retry-After")?;
                shed += 1;
            }
        }
    }
    assert!(shed > 0, "everybody was let in");
    let most = most_kib(&server)?;
    assert!(most < MOST_KIB, "{most} KiB");
    Ok(())
}

/// The most that the server has had resident, without its browser.
fn most_kib(server: &Server) -> Result<u64> {
    let id = server.id().context("it has ended")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most = line.context("no peak of memory")?;
    Ok(most.trim().trim_end_matches(" kB").parse()?)
}
