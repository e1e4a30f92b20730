//! The frontend's web server, run as its image runs it, beside a backend that tells what it was asked.

mod server;

use std::fs;

use anyhow::{Context, Result};
use futures::StreamExt as _;
use platen_tests::within;
use reqwest::Method;

pub(crate) use self::server::free;
use self::server::{PATIENCE, Web, backend};
use crate::tools::root;

/// A constant of the backend's, as its source has it.
fn constant(file: &str, name: &str) -> Result<String> {
    let source = fs::read_to_string(root().join("backend/src/http").join(file))?;
    let (_, rest) = source
        .split_once(&format!("const {name}: &str ="))
        .with_context(|| format!("{file} has no {name}"))?;
    let literal = rest.split('"').nth(1).context("it is no text")?;
    Ok(literal.split("\\\n").map(str::trim_start).collect())
}

#[tokio::test]
async fn pages_have_the_headers_that_the_backend_gives_them() -> Result<()> {
    let web = Web::start(backend().await?).await?;
    let policy = constant("site/serve.rs", "POLICY")?;
    let permissions = constant("layers/security_headers.rs", "PERMISSIONS")?;
    let transport = constant("layers/security_headers.rs", "TRANSPORT_SECURITY")?;
    let forever = constant("site/serve.rs", "FOREVER")?;
    for (path, kept) in [
        ("/", "no-cache"),
        ("/library", "no-cache"),
        ("/assets/app-1.js", &*forever),
    ] {
        let get = web.get(path).header("accept", "text/html");
        let answer = get.header("x-forwarded-proto", "https").send().await?;
        assert_eq!(answer.status(), 200, "{path}");
        for (name, value) in [
            ("content-security-policy", &*policy),
            ("permissions-policy", &*permissions),
            ("strict-transport-security", &*transport),
            ("cache-control", kept),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("vary", "accept-encoding"),
        ] {
            let values: Vec<_> = answer.headers().get_all(name).iter().collect();
            assert_eq!(values, [value], "{name} of {path}");
        }
        assert!(answer.headers().contains_key("etag"), "{path}");
    }
    let plain = web.get("/").send().await?;
    assert!(
        !plain.headers().contains_key("strict-transport-security"),
        "promised without TLS"
    );
    Ok(())
}

#[tokio::test]
async fn files_come_as_small_as_the_client_takes_them() -> Result<()> {
    let web = Web::start(backend().await?).await?;
    for (accepted, coding, content) in [
        ("br, gzip", Some("br"), "brotli"),
        ("gzip", Some("gzip"), "gzip"),
        ("identity", None, "plain"),
    ] {
        let answer = web
            .get("/assets/app-1.js")
            .header("accept-encoding", accepted)
            .send()
            .await?;
        let told = answer
            .headers()
            .get("content-encoding")
            .and_then(|value| value.to_str().ok());
        assert_eq!(told, coding);
        assert_eq!(
            answer.headers()["content-type"],
            "text/javascript; charset=utf-8"
        );
        assert_eq!(answer.text().await?, content);
    }
    for (path, kind) in [
        ("/assets/app-1.wasm", "application/wasm"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/favicon.svg", "image/svg+xml"),
    ] {
        assert_eq!(
            web.get(path).send().await?.headers()["content-type"],
            kind,
            "{path}"
        );
    }
    Ok(())
}

/// What is not the app's is the backend's to answer, once, with its own headers.
#[tokio::test]
async fn the_rest_is_passed_on() -> Result<()> {
    let web = Web::start(backend().await?).await?;
    let host = web.address;
    for (call, expected) in [
        (
            web.get("/api/v1/files?limit=1"),
            "GET /api/v1/files?limit=1",
        ),
        (
            web.call(Method::POST, "/api/v1/request").body("{}"),
            "POST /api/v1/request",
        ),
        (
            web.call(Method::POST, "/auth/sing-up"),
            "POST /auth/sing-up",
        ),
        (web.call(Method::POST, "/sing-in"), "POST /sing-in"),
        (web.call(Method::PUT, "/"), "PUT /"),
        (
            web.call(Method::POST, "/request").header("token", "t"),
            "POST /request",
        ),
        (web.get("/files").header("token", "t"), "GET /files"),
        (
            web.get("/file/a%20b.pdf").header("token", "t"),
            "GET /file/a%20b.pdf",
        ),
        (
            web.get("/assets/gone-2.js").header("accept", "text/html"),
            "GET /assets/gone-2.js",
        ),
        (web.get("/assets/app-1.js.br"), "GET /assets/app-1.js.br"),
        (web.get("/nothing.txt"), "GET /nothing.txt"),
    ] {
        let call = call
            .header("x-forwarded-for", "198.51.100.7")
            .header("x-forwarded-proto", "https");
        let answer = call.send().await?;
        let policies: Vec<_> = answer
            .headers()
            .get_all("content-security-policy")
            .iter()
            .collect();
        assert_eq!(policies, ["default-src 'none'"], "{expected}");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{expected}");
        let told = answer.text().await?;
        assert_eq!(
            told,
            format!("{expected} host={host} for=198.51.100.7, 127.0.0.1 proto=https")
        );
    }
    let page = web
        .get("/files")
        .header("accept", "text/html")
        .send()
        .await?;
    assert_eq!(page.text().await?, "<html>app");
    Ok(())
}

#[tokio::test]
async fn streams_arrive_while_they_are_made() -> Result<()> {
    let web = Web::start(backend().await?).await?;
    let mut stream = web.get("/api/stream").send().await?.bytes_stream();
    let first = within("the first of a stream", PATIENCE, async {
        Ok(stream.next().await.context("it has ended")??)
    });
    assert_eq!(first.await?, "first");
    Ok(())
}

/// nginx starts without it, and does not answer with pages of its own.
#[tokio::test]
async fn a_backend_that_is_away_is_a_problem_document() -> Result<()> {
    let web = Web::start(free()?).await?;
    let answer = web.get("/api/v1/files").send().await?;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(answer.headers()["retry-after"], "5");
    let problem: serde_json::Value = answer.json().await?;
    assert_eq!(
        (&problem["code"], &problem["status"]),
        (&"unavailable".into(), &503.into())
    );
    Ok(())
}
