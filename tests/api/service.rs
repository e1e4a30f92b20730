//! What the service says about itself, and the pages it serves.

use anyhow::{Context, Result, ensure};
use platen_tests::{Server, Site};
use reqwest::{Response, StatusCode};
use serde_json::Value;

/// Asks as a browser does for an address that a person typed.
async fn get(url: &str) -> Result<Response> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let call = client.get(url).header("accept", "text/html,*/*;q=0.8");
    Ok(call.send().await?)
}

#[tokio::test]
async fn the_contract_is_served_and_names_every_path() -> Result<()> {
    let server = Server::builder().start().await?;
    let api: Value = get(&format!("{}/api/openapi.json", server.origin()))
        .await?
        .json()
        .await?;
    ensure!(
        api["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    for (path, method) in [
        ("/sign-up", "post"),
        ("/sign-in", "post"),
        ("/sign-out", "post"),
        ("/account", "get"),
        ("/account", "delete"),
        ("/account/password", "put"),
        ("/keys", "get"),
        ("/keys", "post"),
        ("/keys/{id}", "delete"),
        ("/request", "post"),
        ("/requests", "post"),
        ("/request/{id}", "get"),
        ("/files", "get"),
        ("/file/{name}", "get"),
        ("/file/{name}", "delete"),
        ("/file/{name}/thumbnail", "get"),
        ("/events", "get"),
        ("/webhooks", "get"),
        ("/webhooks", "post"),
        ("/webhooks/{id}", "delete"),
        ("/webhooks/{id}/deliveries", "get"),
    ] {
        let operation = &api["paths"][format!("/api/v1{path}")][method];
        ensure!(
            operation["responses"].is_object(),
            "{method} {path} is not described"
        );
    }
    let docs = get(&format!("{}/api/docs", server.origin())).await?;
    assert_eq!(docs.status(), StatusCode::OK);
    assert!(docs.text().await?.contains("<html"));
    Ok(())
}

#[tokio::test]
async fn the_app_is_served_strictly_and_under_every_path_of_its_own() -> Result<()> {
    let server = Server::builder().start().await?;
    for path in ["/", "/sign-in", "/some/deep/link"] {
        let page = get(&format!("{}{path}", server.origin())).await?;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        let headers = page.headers().clone();
        let header = |name: &str| -> Result<String> {
            let value = headers
                .get(name)
                .with_context(|| format!("{path} has no {name}"))?;
            Ok(value.to_str()?.to_owned())
        };
        let policy = header("content-security-policy")?;
        assert!(
            !policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        assert!(policy.contains("default-src"), "{policy}");
        assert_eq!(header("x-content-type-options")?, "nosniff");
        assert_eq!(header("cross-origin-opener-policy")?, "same-origin");
        assert_eq!(header("cross-origin-resource-policy")?, "same-origin");
        header("permissions-policy")?;
        header("referrer-policy")?;
        assert!(header("content-type")?.starts_with("text/html"));
        assert!(page.text().await?.contains("id=\"app\""), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn operators_see_health_and_metrics_and_the_public_does_not() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let file = ada.request(&site.url("/simple")).await?;
    ada.ready(&file).await?;

    for path in ["/healthz", "/readyz"] {
        let answer = get(&format!("{}{path}", server.ops())).await?;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    let metrics = get(&format!("{}/metrics", server.ops()))
        .await?
        .text()
        .await?;
    assert!(metrics.contains("# TYPE platen_"), "{metrics}");
    for secret in ["ada", &site.authority()] {
        assert!(!metrics.contains(secret), "{secret} is in the metrics");
    }

    for path in ["/healthz", "/readyz", "/metrics"] {
        let public = get(&format!("{}{path}", server.origin()))
            .await?
            .text()
            .await?;
        assert!(
            !public.contains("platen_") && !public.contains("\"ok\""),
            "{path}: {public}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn secrets_stay_out_of_the_log() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::builder()
        .allow(site.authority())
        .env("PLATEN_LOG", "debug")
        .start()
        .await?;
    let ada = server.user("ada").await?;
    let file = ada
        .request(&site.url("/simple?token=s3cr3t-in-the-query"))
        .await?;
    ada.ready(&file).await?;

    let log = server.log();
    assert!(log.contains("127.0.0.1"), "the log says nothing:\n{log}");
    for secret in ["s3cr3t-in-the-query", "correct horse battery", "Bearer "] {
        assert!(!log.contains(secret), "{secret:?} is in the log");
    }
    Ok(())
}
