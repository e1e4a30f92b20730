//! Listing, reading and deleting what one has.

use anyhow::{Context, Result};
use platen_tests::{Answer, Client, Server, Site, eventually};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::time::Duration;

/// Path of a file's PDF.
fn path(file: &Value) -> Result<String> {
    Ok(format!(
        "/file/{}",
        file["name"].as_str().context("no name")?
    ))
}

async fn with_header(client: &Client, path: &str, name: &str, value: &str) -> Result<Answer> {
    Answer::of(client.call(Method::GET, path).header(name, value)).await
}

#[tokio::test]
async fn a_pdf_is_served_whole_in_parts_and_only_when_it_changed() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let file = ada.request(&site.url("/simple")).await?;
    let file = ada.ready(&file).await?;
    let path = path(&file)?;

    let whole = ada.get(&path).await?;
    let length = whole.body.len();
    assert_eq!(whole.status, StatusCode::OK);
    assert_eq!(file["size"], length);
    assert_eq!(whole.header("content-type"), Some("application/pdf"));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
    assert!(
        whole
            .header("cache-control")
            .is_some_and(|value| value.contains("private"))
    );
    let name = file["name"].as_str().context("no name")?;
    let disposition = format!("attachment; filename=\"{name}\"");
    assert!(
        whole
            .header("content-disposition")
            .is_some_and(|value| value.starts_with(&disposition))
    );
    let inline = ada.get(&format!("{path}?disposition=inline")).await?;
    assert!(
        inline
            .header("content-disposition")
            .is_some_and(|value| value.starts_with("inline"))
    );
    let etag = whole.header("etag").context("no ETag")?.to_owned();

    let head = Answer::of(ada.call(Method::HEAD, &path)).await?;
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(
        head.header("content-length"),
        Some(length.to_string().as_str())
    );
    assert_eq!(head.header("etag"), Some(etag.as_str()));
    assert!(head.body.is_empty());

    for (range, from, to) in [
        ("bytes=0-4", 0, 5),
        ("bytes=5-", 5, length),
        ("bytes=-7", length - 7, length),
        ("bytes=10-99999999999", 10, length),
    ] {
        let part = with_header(&ada, &path, "range", range).await?;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(part.body, whole.body[from..to], "{range}");
        let content_range = format!("bytes {from}-{}/{length}", to - 1);
        assert_eq!(part.header("content-range"), Some(content_range.as_str()));
    }
    let beyond = with_header(&ada, &path, "range", &format!("bytes={length}-")).await?;
    beyond.expect_problem(416, "range_not_satisfiable")?;
    assert_eq!(
        beyond.header("content-range"),
        Some(format!("bytes */{length}").as_str())
    );
    // What is not a range of bytes is passed over (RFC 9110, section 14.2).
    let odd = with_header(&ada, &path, "range", "lines=1-2").await?;
    assert_eq!((odd.status, odd.body.len()), (StatusCode::OK, length));

    let unchanged = with_header(&ada, &path, "if-none-match", &etag).await?;
    assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
    assert!(unchanged.body.is_empty());
    let changed = with_header(&ada, &path, "if-none-match", "\"other\"").await?;
    assert_eq!(changed.status, StatusCode::OK);
    for (validator, status) in [
        (etag.as_str(), StatusCode::PARTIAL_CONTENT),
        ("\"other\"", StatusCode::OK),
    ] {
        let call = ada.call(Method::GET, &path).header("range", "bytes=0-0");
        let answer = Answer::of(call.header("if-range", validator)).await?;
        assert_eq!(answer.status, status, "{validator}");
    }
    Ok(())
}

#[tokio::test]
async fn a_deleted_file_is_gone_from_the_list_at_once_and_from_the_disk_soon() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let file = ada.request(&site.url("/simple")).await?;
    let file = ada.ready(&file).await?;
    let path = path(&file)?;
    assert_eq!(server.data().pdfs()?.len(), 1);

    ada.delete(&path).await?.expect(StatusCode::NO_CONTENT)?;
    assert!(ada.files().await?.is_empty());
    ada.get(&path).await?.expect_problem(404, "not_found")?;
    ada.delete(&path).await?.expect(StatusCode::NO_CONTENT)?;
    eventually(
        "the PDF leaves the disk",
        Duration::from_secs(20),
        async || Ok(server.data().pdfs()?.is_empty().then_some(())),
    )
    .await
}

#[tokio::test]
async fn deleting_during_the_rendering_wins() -> Result<()> {
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

    let path = path(&file)?;
    ada.get(&path).await?.expect_problem(409, "not_ready")?;
    ada.delete(&path).await?.expect(StatusCode::NO_CONTENT)?;
    site.release();

    // A later page of the same user is rendered after it, so whatever it left would be there.
    let later = ada.request(&site.url("/simple")).await?;
    ada.ready(&later).await?;
    let ids: Vec<_> = ada
        .files()
        .await?
        .iter()
        .map(|file| file["id"].clone())
        .collect();
    assert_eq!(ids, [later["id"].clone()]);
    eventually(
        "one PDF is on the disk",
        Duration::from_secs(20),
        async || Ok((server.data().pdfs()?.len() == 1).then_some(())),
    )
    .await
}

#[tokio::test]
async fn the_list_has_two_orders_and_can_be_searched_and_paged() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let mut asked = Vec::new();
    for path in ["/simple", "/second", "/simple", "/status/404", "/second"] {
        asked.push(ada.request(&site.url(path)).await?);
    }
    for file in &asked {
        ada.finished(file).await?;
    }
    let newest_first: Vec<_> = asked.iter().rev().map(|file| file["id"].clone()).collect();

    let ids = async |query: &str| -> Result<(Vec<Value>, Value)> {
        let list = ada.get(&format!("/files{query}")).await?.ok()?;
        let files = list["files"].as_array().context("no list")?;
        Ok((
            files.iter().map(|file| file["id"].clone()).collect(),
            list["next_cursor"].clone(),
        ))
    };
    assert_eq!(ids("").await?.0, newest_first);
    assert_eq!(ids("?status=failed").await?.0, newest_first[1..2]);
    assert_eq!(
        ids("?q=second%20page").await?.0,
        [newest_first[0].clone(), newest_first[3].clone()]
    );
    assert_eq!(ids("?q=no-such-words").await?.0, Vec::<Value>::new());

    let oldest_first: Vec<_> = newest_first.iter().rev().cloned().collect();
    for (order, expected) in [("", &newest_first), ("&order=oldest", &oldest_first)] {
        let mut paged = Vec::new();
        let mut query = format!("?limit=2{order}");
        loop {
            let (page, next) = ids(&query).await?;
            assert!(page.len() <= 2);
            paged.extend(page);
            let Some(cursor) = next.as_str() else { break };
            query = format!("?limit=2{order}&cursor={cursor}");
        }
        assert_eq!(paged, *expected, "{order}");
    }
    Ok(())
}
