//! From a URL to a PDF.

use std::collections::HashSet;

use anyhow::{Context, Result};
use platen_tests::{Answer, Server, Site};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_page_becomes_a_pdf_with_its_text_title_and_address() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;

    let file = ada.request(&site.url("/redirect?to=/simple")).await?;
    assert_eq!(file["status"], "queued");
    assert_eq!(file["url"], site.url("/redirect?to=/simple"));
    let file = ada.ready(&file).await?;
    assert_eq!(file["title"], "A simple page");
    assert_eq!(file["final_url"], site.url("/simple"));
    assert!(
        file["finished_at"].as_str() > file["created_at"].as_str(),
        "{file}"
    );

    let pdf = ada.download(&file).await?;
    pdf.check().await?;
    let text = pdf.text().await?;
    for words in [
        "Simple heading",
        "The quick brown fox",
        "Ελληνικά, русский, 中文, 日本語",
    ] {
        assert!(text.contains(words), "{words:?} is not in {text:?}");
    }
    assert_eq!(pdf.info("Title").await?.as_deref(), Some("A simple page"));
    assert_eq!(pdf.info("Tagged").await?.as_deref(), Some("yes"));
    assert_eq!(
        pdf.outline().await?,
        ["Simple heading", "Letters of the world"]
    );
    assert_eq!(file["pages"], pdf.pages().await?);
    Ok(())
}

#[tokio::test]
async fn options_shape_the_pdf() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let print = async |path: &str, options: Value| -> Result<_> {
        let body = json!({ "url": site.url(path), "options": options });
        let file = ada.request_with(&body).await?;
        let file = ada.ready(&file).await?;
        ada.download(&file).await
    };

    let a5 = print(
        "/simple",
        json!({ "paper": "a5", "landscape": true, "outline": false }),
    )
    .await?;
    let sheet = a5.info("Page size").await?.context("no page size")?;
    // 210 mm × 148 mm in points, rounded by Chromium to whole device pixels.
    assert!(sheet.starts_with("595"), "{sheet}");
    assert!(a5.outline().await?.is_empty());

    let whole = print("/long", json!({})).await?;
    assert!(whole.pages().await? > 3);
    let some = print("/long", json!({ "page_ranges": "1-2" })).await?;
    assert_eq!(some.pages().await?, 2);

    let pictures = print("/pictures", json!({})).await?;
    assert!(pictures.text().await?.contains("After the pictures"));
    Ok(())
}

#[tokio::test]
async fn one_page_leaves_no_trace_in_the_next() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    for _ in 0..2 {
        let file = ada.request(&site.url("/headers")).await?;
        let file = ada.ready(&file).await?;
        let text = ada.download(&file).await?.text().await?;
        assert!(text.contains("host: 127.0.0.1"), "{text}");
        for header in ["cookie:", "if-none-match:", "proxy-", "x-forwarded", "via:"] {
            assert!(!text.contains(header), "{header} in {text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_idempotency_key_makes_a_repeat_return_the_first_answer() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let post = async |key: &str, path: &str| {
        let body = json!({ "url": site.url(path) });
        let call = ada
            .call(Method::POST, "/request")
            .header("Idempotency-Key", key)
            .json(&body);
        Answer::of(call).await
    };

    let first = post("one", "/simple").await?.expect(StatusCode::CREATED)?;
    let again = post("one", "/simple").await?.expect(StatusCode::CREATED)?;
    assert_eq!(first["id"], again["id"]);
    post("one", "/second")
        .await?
        .expect_problem(409, "idempotency_conflict")?;
    let other = post("two", "/simple").await?.expect(StatusCode::CREATED)?;
    assert_ne!(first["id"], other["id"]);
    assert_eq!(ada.files().await?.len(), 2);

    // The key is the user's own.
    let bob = server.user("bob").await?;
    let body = json!({ "url": site.url("/second") });
    let call = bob
        .call(Method::POST, "/request")
        .header("Idempotency-Key", "one")
        .json(&body);
    Answer::of(call).await?.expect(StatusCode::CREATED)?;
    Ok(())
}

#[tokio::test]
async fn requests_made_at_once_all_become_files_of_their_own() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let url = site.url("/simple");

    let asked = futures::future::try_join_all((0..12).map(|_| ada.request(&url))).await?;
    let ids: HashSet<_> = asked.iter().map(|file| file["id"].to_string()).collect();
    let names: HashSet<_> = asked.iter().map(|file| file["name"].to_string()).collect();
    assert_eq!((ids.len(), names.len()), (12, 12));
    for file in &asked {
        ada.ready(file).await?;
    }
    assert_eq!(ada.files().await?.len(), 12);
    assert_eq!(server.data().pdfs()?.len(), 12);
    Ok(())
}

#[tokio::test]
async fn a_full_library_takes_nothing_more() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::builder()
        .allow(site.authority())
        .env("PLATEN_FILES_PER_USER", "2")
        .start()
        .await?;
    let ada = server.user("ada").await?;
    for _ in 0..2 {
        ada.request(&site.url("/simple")).await?;
    }
    let body = json!({ "url": site.url("/simple") });
    ada.post("/request", &body)
        .await?
        .expect_problem(429, "quota_exceeded")?;
    assert_eq!(ada.files().await?.len(), 2);
    Ok(())
}
