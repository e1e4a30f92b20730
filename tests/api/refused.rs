//! What is refused at once leaves nothing behind.

use anyhow::{Context, Result};
use platen_tests::{Answer, Canary, Server};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn addresses_that_must_not_be_opened_are_refused_and_leave_nothing() -> Result<()> {
    let server = Server::builder().start().await?;
    let canary = Canary::start().await?;
    let ada = server.user("ada").await?;
    let exactly = |bytes: usize| {
        let start = "http://127.0.0.1/";
        format!("{start}{}", "a".repeat(bytes - start.len()))
    };

    for (url, code) in [
        ("", "invalid_url"),
        ("not a url", "invalid_url"),
        ("http://", "invalid_url"),
        ("http:example.com", "invalid_url"),
        ("file:///etc/passwd", "invalid_url"),
        ("FILE:/etc/passwd", "invalid_url"),
        ("\\\\host\\share", "invalid_url"),
        ("example.com/without-a-scheme", "invalid_url"),
        ("ftp://example.com/", "invalid_url"),
        ("data:text/html,hello", "invalid_url"),
        ("javascript:alert(1)", "invalid_url"),
        ("chrome://version", "invalid_url"),
        ("view-source:http://example.com/", "invalid_url"),
        ("about:blank", "invalid_url"),
        ("ws://example.com/", "invalid_url"),
        ("http://ada:secret@example.com/", "invalid_url"),
        ("http://1.1.1.1 &@2.2.2.2#@3.3.3.3/", "invalid_url"),
        ("http://exa\u{0}mple.com/", "invalid_url"),
        ("http://127.0.0.1", "destination_blocked"),
        ("http://127.1/", "destination_blocked"),
        ("http://0/", "destination_blocked"),
        ("http://2130706433/", "destination_blocked"),
        ("http://0x7f.1/", "destination_blocked"),
        ("http://0177.0.0.1/", "destination_blocked"),
        ("http://①②⑦.0.0.1/", "destination_blocked"),
        ("http://127.0.0.1./", "destination_blocked"),
        ("http://[::1]/", "destination_blocked"),
        ("http://[::ffff:127.0.0.1]", "destination_blocked"),
        ("http://[64:ff9b::7f00:1]/", "destination_blocked"),
        ("http://169.254.169.254/", "destination_blocked"),
        ("http://[fd00:ec2::254]/", "destination_blocked"),
        ("http://10.0.0.1/", "destination_blocked"),
        ("http://100.64.0.1/", "destination_blocked"),
        ("http://localhost/", "destination_blocked"),
        ("http://LOCALHOST./", "destination_blocked"),
        ("http://app.localhost/", "destination_blocked"),
        ("http://intranet/", "destination_blocked"),
        ("http://printer.local/", "destination_blocked"),
        ("http://kubernetes.default.svc/", "destination_blocked"),
        ("http://metadata.google.internal/", "destination_blocked"),
        ("http://1.1.1.1:22/", "destination_blocked"),
        (&exactly(2048), "destination_blocked"),
        (&exactly(2049), "invalid_url"),
        (&canary.url(), "destination_blocked"),
        (
            &server.origin().replace("127.0.0.1", "127.0.0.2"),
            "destination_blocked",
        ),
        (server.origin(), "destination_blocked"),
        (server.ops(), "destination_blocked"),
    ] {
        let answer = ada.post("/request", &json!({ "url": url })).await?;
        answer
            .expect_problem(422, code)
            .with_context(|| format!("{url:?}"))?;
    }

    nothing_is_left(&server, &ada).await?;
    assert_eq!(canary.connections(), 0);
    Ok(())
}

#[tokio::test]
async fn bodies_that_are_not_what_is_asked_for_are_refused_and_leave_nothing() -> Result<()> {
    let server = Server::builder().start().await?;
    let ada = server.user("ada").await?;
    let url = "http://example.com/";

    for (body, pointer) in [
        (json!({}), ""),
        (json!({ "url": 1 }), "/url"),
        (json!({ "url": url, "option": {} }), "/option"),
    ] {
        let answer = ada.post("/request", &body).await?;
        let problem = answer
            .expect_problem(422, "invalid_body")
            .with_context(|| body.to_string())?;
        names(&problem, pointer)?;
    }
    for (options, pointer) in [
        (json!({ "scale": 9 }), "/options/scale"),
        (json!({ "page_ranges": "5-1" }), "/options/page_ranges"),
        (json!({ "timeout_s": 0 }), "/options/timeout_s"),
        (
            json!({ "viewport": { "width": 0 } }),
            "/options/viewport/width",
        ),
    ] {
        let body = json!({ "url": url, "options": options });
        let answer = ada.post("/request", &body).await?;
        let problem = answer
            .expect_problem(422, "invalid_options")
            .with_context(|| body.to_string())?;
        names(&problem, pointer)?;
    }

    let json_type = ("content-type", "application/json");
    for (header, body, status, code) in [
        (json_type, "", 400, "malformed_body"),
        (json_type, "{\"url\":", 400, "malformed_body"),
        (json_type, "[]", 422, "invalid_body"),
        (
            ("content-type", "text/plain"),
            "{}",
            415,
            "unsupported_media_type",
        ),
        (("accept", "*/*"), "{}", 415, "unsupported_media_type"),
    ] {
        let call = ada
            .call(Method::POST, "/request")
            .header(header.0, header.1)
            .body(body);
        let answer = Answer::of(call).await?;
        answer
            .expect_problem(status, code)
            .with_context(|| format!("{header:?} {body:?}"))?;
    }

    nothing_is_left(&server, &ada).await
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused() -> Result<()> {
    let server = Server::builder().start().await?;
    let ada = server.user("ada").await?;
    let body = format!(
        r#"{{"url":"http://example.com/{}"}}"#,
        "a".repeat(10_000_000)
    );
    for path in ["/request", "/sign-in", "/sign-up"] {
        let call = ada
            .call(Method::POST, path)
            .header("content-type", "application/json")
            .body(body.clone());
        Answer::of(call)
            .await?
            .expect_problem(413, "body_too_large")?;
    }
    nothing_is_left(&server, &ada).await
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_say_so() -> Result<()> {
    let server = Server::builder().start().await?;
    let ada = server.user("ada").await?;

    for method in [Method::PUT, Method::PATCH, Method::from_bytes(b"BREW")?] {
        let answer = Answer::of(ada.call(method.clone(), "/request")).await?;
        answer
            .expect_problem(405, "method_not_allowed")
            .with_context(|| method.to_string())?;
        assert_eq!(answer.header("allow"), Some("POST"), "{method}");
    }
    ada.get("/no-such-thing")
        .await?
        .expect_problem(404, "not_found")?;
    ada.get("/request/not-an-id")
        .await?
        .expect_problem(404, "not_found")?;
    ada.get("/files?limit=0")
        .await?
        .expect_problem(422, "invalid_query")?;
    ada.get("/files?cursor=%00")
        .await?
        .expect_problem(422, "invalid_query")?;
    ada.get("/files?status=unheard-of")
        .await?
        .expect_problem(422, "invalid_query")?;
    Ok(())
}

fn names(problem: &Value, pointer: &str) -> Result<()> {
    let errors = problem["errors"]
        .as_array()
        .with_context(|| format!("no errors: {problem}"))?;
    let named = errors.iter().any(|error| error["pointer"] == pointer);
    anyhow::ensure!(named, "{pointer} is not named: {problem}");
    Ok(())
}

async fn nothing_is_left(server: &Server, user: &platen_tests::Client) -> Result<()> {
    assert_eq!(user.files().await?, Vec::<Value>::new());
    assert_eq!(server.data().pdfs()?, Vec::<std::path::PathBuf>::new());
    assert_eq!(user.get("/account").await?.status, StatusCode::OK);
    Ok(())
}
