//! What every kind of answer tells browsers, and does not tell anybody.

use anyhow::{Context, Result, ensure};
use platen_tests::{Client, Server, Site};
use reqwest::{Method, Response};
use serde_json::json;

/// What was asked, and how it should be answered.
struct Class {
    name: &'static str,
    call: reqwest::RequestBuilder,
    status: u16,
    /// Caches other than the browser's keep it, too: it is everybody's.
    public: bool,
}

/// One of each kind of answer that the service gives.
async fn classes(server: &Server, ada: &Client, site: &Site) -> Result<Vec<Class>> {
    let file = ada.request(&site.url("/simple")).await?;
    ada.ready(&file).await?;
    let failed = ada.request(&site.url("/status/500")).await?;
    ada.finished(&failed).await?;
    let name = |file: &serde_json::Value| -> Result<String> {
        let name = file["name"].as_str().context("no name")?;
        Ok(format!("/file/{name}"))
    };
    let (pdf, failed) = (name(&file)?, name(&failed)?);
    let anybody = server.client()?;
    let head = ada.call(Method::HEAD, &pdf).send().await?;
    let tag = head.headers()["etag"].clone();
    let page = |path: &str| {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let call = client.get(format!("{}{path}", server.origin()));
        anyhow::Ok(call.header("accept", "text/html,*/*;q=0.8"))
    };
    let document = page("/")?.send().await?.text().await?;
    let asset = document
        .split('"')
        .find(|part| part.starts_with('/') && part.contains(".css"))
        .context("the page has no style sheet")?;
    let get = |path: &str| ada.call(Method::GET, path);
    let post = |path: &str| ada.call(Method::POST, path);
    let class = |name, call, status| Class {
        name,
        call,
        status,
        public: false,
    };
    let public = |name, call| Class {
        name,
        call,
        status: 200,
        public: true,
    };
    Ok(vec![
        public("page of the app", page("/")?),
        public("page within the app", page("/files/of/mine")?),
        public("style sheet", page(asset)?),
        public("reader of the contract", page("/api/docs")?),
        public("contract", page("/api/openapi.json")?),
        class("JSON", get("/account"), 200),
        class("list", get("/files"), 200),
        class(
            "created",
            post("/request").json(&json!({ "url": site.url("/simple") })),
            201,
        ),
        class("events", get("/events"), 200),
        class("PDF", get(&pdf), 200),
        class(
            "PDF to look at",
            get(&format!("{pdf}?disposition=inline")),
            200,
        ),
        class("picture", get(&format!("{pdf}/thumbnail")), 200),
        class("head of a PDF", ada.call(Method::HEAD, &pdf), 200),
        class("part of a PDF", get(&pdf).header("range", "bytes=0-9"), 206),
        class(
            "PDF that is known",
            get(&pdf).header("if-none-match", tag),
            304,
        ),
        class(
            "no such part",
            get(&pdf).header("range", "bytes=99999999-"),
            416,
        ),
        class("malformed", post("/request").body("{"), 415),
        class("not signed in", anybody.call(Method::GET, "/files"), 401),
        class("forbidden", foreign(&anybody).await?, 403),
        class("no such file", get("/file/none.pdf"), 404),
        class("no such address", get("/none"), 404),
        class("wrong method", ada.call(Method::PATCH, "/files"), 405),
        class("not ready", get(&failed), 409),
        class("too large", post("/request").body("x".repeat(300_000)), 413),
        class(
            "invalid",
            post("/request").json(&json!({ "url": "ftp://a" })),
            422,
        ),
    ])
}

/// What another site makes a browser send that has the cookie of a session.
async fn foreign(anybody: &Client) -> Result<reqwest::RequestBuilder> {
    anybody.sign_up("eve").await?;
    let eve = json!({ "username": "eve", "password": "correct horse battery" });
    let signed_in = anybody.post("/sign-in", &eve).await?;
    let cookie = signed_in.header("set-cookie").context("no cookie")?;
    let (pair, _) = cookie.split_once(';').context("a bare cookie")?;
    let call = anybody.call(Method::POST, "/sign-out");
    Ok(call
        .header("cookie", pair)
        .header("origin", "https://evil.example"))
}

fn check(class: &str, public: bool, answer: &Response) -> Result<()> {
    let header = |name: &str| -> Result<&str> {
        let value = answer.headers().get(name);
        Ok(value.with_context(|| format!("no {name}"))?.to_str()?)
    };
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        ensure!(header(name)? == value, "{name}: {}", header(name)?);
    }
    ensure!(header("permissions-policy")?.contains("camera=()"));
    let policy = header("content-security-policy")?;
    ensure!(policy.contains("default-src '"), "{policy}");
    // The app shows a PDF in a frame of its own.
    ensure!(
        policy.contains("frame-ancestors 'none'")
            || class.contains("PDF") && policy.contains("frame-ancestors 'self'"),
        "{policy}"
    );
    ensure!(!policy.contains("'unsafe-eval'"), "{policy}");
    // The reader's style is written into its elements by its scripts; no script of a page's is.
    let scripts = policy
        .split(';')
        .find(|part| part.trim_start().starts_with("script-src"));
    ensure!(
        !scripts.unwrap_or(policy).contains("'unsafe-inline'"),
        "{policy}"
    );
    ensure!(
        !policy.contains("http:") && !policy.contains('*'),
        "{policy}"
    );
    let cache = header("cache-control")?;
    if !public {
        ensure!(
            cache.contains("no-store") || cache.contains("private"),
            "{cache}"
        );
    }
    for telltale in ["server", "x-powered-by", "access-control-allow-origin"] {
        ensure!(
            answer.headers().get(telltale).is_none(),
            "{telltale} is told"
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_kind_of_answer_tells_browsers_to_be_careful() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    for class in classes(&server, &ada, &site).await? {
        let answer = class.call.send().await?;
        let name = class.name;
        assert_eq!(answer.status().as_u16(), class.status, "{name}");
        check(name, class.public, &answer).context(name)?;
        let promise = answer.headers().get("strict-transport-security");
        assert_eq!(promise, None, "{name}: of TLS, without any");
    }
    Ok(())
}

#[tokio::test]
async fn behind_tls_every_kind_of_answer_asks_for_it_from_then_on() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::builder()
        .allow(site.authority())
        .env("PLATEN_TRUSTED_PROXIES", "127.0.0.1/32")
        .start()
        .await?;
    let ada = server.user("ada").await?;
    for class in classes(&server, &ada, &site).await? {
        let answer = class
            .call
            .header("x-forwarded-proto", "https")
            .send()
            .await?;
        let promise = answer.headers().get("strict-transport-security");
        let promise = promise.with_context(|| format!("{}: not a word of TLS", class.name))?;
        assert!(
            promise.to_str()?.starts_with("max-age=31536000"),
            "{}",
            class.name
        );
    }
    Ok(())
}
