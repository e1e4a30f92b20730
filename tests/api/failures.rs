//! Pages that cannot become a PDF: each for its own reason, and none leaves a PDF.

use anyhow::{Context, Result};
use platen_tests::{Canary, Server, Site};
use serde_json::json;
use tokio::net::TcpSocket;

#[tokio::test]
async fn a_page_that_fails_says_why_and_leaves_no_pdf() -> Result<()> {
    let site = Site::start().await?;
    let canary = Canary::start().await?;
    let unanswered = closed_port()?;
    let closed = unanswered.local_addr()?.to_string();
    let server = Server::builder()
        .allow(site.authority())
        .allow(&closed)
        .allow("no-such-host.invalid:80")
        .start()
        .await?;
    let ada = server.user("ada").await?;

    let page = |path: &str| site.url(path);
    let cases = [
        (page("/status/404"), "http_status"),
        (page("/status/500"), "http_status"),
        (page("/sign-in-first"), "auth_required"),
        (page("/download"), "unsupported_content"),
        (page("/redirect-forever/0"), "too_many_redirects"),
        (
            page(&format!("/redirect?to={}", canary.url())),
            "destination_blocked",
        ),
        (
            page("/redirect?to=http://169.254.169.254/"),
            "destination_blocked",
        ),
        (
            page("/redirect?to=http://metadata.google.internal/"),
            "destination_blocked",
        ),
        (
            page("/redirect?to=file:///etc/passwd"),
            "destination_blocked",
        ),
        (
            page(&format!("/navigate?to={}", canary.url())),
            "destination_blocked",
        ),
        (format!("http://{closed}/"), "connection_failed"),
        (page("/simple").replace("http:", "https:"), "tls_error"),
        // Allowed by name, and the resolver answers for its domain itself (RFC 6761, section 6.4).
        ("http://no-such-host.invalid/".to_owned(), "dns_failure"),
    ];
    for (url, code) in &cases {
        let reason = ada
            .failure(&json!({ "url": url }))
            .await
            .with_context(|| url.clone())?;
        assert_eq!(reason, *code, "{url}");
    }

    assert_eq!(canary.connections(), 0);
    assert_eq!(ada.files().await?.len(), cases.len());
    assert!(server.data().pdfs()?.is_empty());

    // Nothing to download, and the record can be removed.
    let file = &ada.files().await?[0];
    let path = format!("/file/{}", file["name"].as_str().context("no name")?);
    ada.get(&path).await?.expect_problem(409, "not_ready")?;
    ada.delete(&path)
        .await?
        .expect(reqwest::StatusCode::NO_CONTENT)?;
    assert_eq!(ada.files().await?.len(), cases.len() - 1);
    Ok(())
}

#[tokio::test]
async fn a_page_that_never_finishes_is_stopped_and_what_arrived_is_printed() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let soon = json!({ "timeout_s": 2 });

    let silent = json!({ "url": site.url("/silent"), "options": soon });
    assert_eq!(ada.failure(&silent).await?, "timeout");
    assert!(server.data().pdfs()?.is_empty());

    let never_idle = json!({ "url": site.url("/never-idle"), "options": soon });
    let file = ada.request_with(&never_idle).await?;
    let file = ada.ready(&file).await?;
    let text = ada.download(&file).await?.text().await?;
    assert!(text.contains("All text is here"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_failed_request_can_be_tried_again_and_a_ready_one_cannot() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;

    let file = ada.request(&site.url("/recovers/once")).await?;
    let failed = ada.finished(&file).await?;
    assert_eq!(failed["reason"]["code"], "http_status");
    let retry = format!("/request/{}/retry", file["id"].as_str().context("no id")?);
    let again = ada.post(&retry, &json!({})).await?;
    let again = again.expect(reqwest::StatusCode::ACCEPTED)?;
    assert_eq!(again["id"], file["id"]);
    let ready = ada.ready(&file).await?;
    assert!(ready.get("reason").is_none(), "{ready}");
    assert_eq!(ada.download(&ready).await?.text().await?, "Recovered");

    ada.post(&retry, &json!({}))
        .await?
        .expect_problem(409, "not_failed")?;
    let bob = server.user("bob").await?;
    bob.post(&retry, &json!({}))
        .await?
        .expect_problem(404, "not_found")?;
    assert_eq!(server.data().pdfs()?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_picture_from_a_private_address_is_left_out_and_never_fetched() -> Result<()> {
    let site = Site::start().await?;
    let canary = Canary::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;

    let url = site.url(&format!("/private-picture?to={}", canary.url()));
    let file = ada.request(&url).await?;
    let file = ada.ready(&file).await?;
    let text = ada.download(&file).await?.text().await?;
    assert_eq!(text, "Reachable");
    assert_eq!(canary.connections(), 0);
    Ok(())
}

/// A port of loopback on which nothing listens, nor can while this is held: it is bound.
fn closed_port() -> Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], 0).into())?;
    Ok(socket)
}
