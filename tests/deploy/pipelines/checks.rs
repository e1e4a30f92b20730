//! The checks that a release has to pass, against servers that answer as Platen does, or not.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode},
    response::Html,
    routing::{delete, get, post},
};
use serde_json::{Value, json};

use super::{Delivery, delivery::says};

const KEY: &str = "Bearer a-key";

/// What a server answers when all is well: the app, the API to nobody, and a page that takes a while.
fn platen(asked: Arc<AtomicUsize>, pdf: &'static str) -> Router {
    let file = |status: &str| json!({"id": "an-id", "name": "a.pdf", "status": status});
    let unknown = || {
        (
            StatusCode::UNAUTHORIZED,
            Json(json!({"code": "unauthenticated"})),
        )
    };
    let make = move |headers: HeaderMap, Json(body): Json<Value>| async move {
        let known = headers.get("authorization").is_some_and(|key| key == KEY);
        assert!(
            known && body["url"] == "https://example.com/",
            "{headers:?} {body}"
        );
        (StatusCode::CREATED, Json(file("queued")))
    };
    let state = move || async move {
        let ready = asked.fetch_add(1, Ordering::Relaxed) > 0;
        Json(file(if ready { "ready" } else { "rendering" }))
    };
    Router::new()
        .route(
            "/",
            get(|| async { Html("<!DOCTYPE html><title>Platen</title>") }),
        )
        .route("/readyz", get(|| async { "ok" }))
        .route("/api/v1/account", get(move || async move { unknown() }))
        .route("/api/v1/request", post(make))
        .route("/api/v1/request/an-id", get(state))
        .route(
            "/api/v1/file/a.pdf",
            get(move || async move { (StatusCode::PARTIAL_CONTENT, pdf) }),
        )
        .route(
            "/api/v1/file/a.pdf",
            delete(|| async { StatusCode::NO_CONTENT }),
        )
}

/// Where it listens.
async fn serve(router: Router) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}"))
}

/// A release that can be reached at these addresses.
fn release(url: &str) -> Result<Delivery> {
    Ok(["OPS", "BACKEND", "FRONTEND", "PUBLIC"]
        .iter()
        .fold(Delivery::new()?, |delivery, part| {
            delivery.with(&format!("DELIVERY_{part}_URL"), url)
        })
        .with("DELIVERY_CHECK_PATIENCE", "1"))
}

/// What validation says, whether it passes or not.
async fn validate(delivery: Delivery, stage: &'static str, passes: bool) -> Result<String> {
    let arguments = [
        "--environment",
        "dev",
        "--version",
        "one",
        "--namespace",
        "platen-dev",
        "--stage",
        stage,
    ];
    tokio::task::spawn_blocking(move || {
        if passes {
            delivery.run("validate", &arguments)
        } else {
            delivery.refusal("validate", &arguments)
        }
    })
    .await
    .context("validation panicked")?
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_answers_passes() -> Result<()> {
    let url = serve(platen(Arc::default(), "%PDF-1.7")).await?;
    validate(release(&url)?, "before", true).await?;
    let said = validate(release(&url)?, "after", true).await?;
    says(
        &said,
        &["DELIVERY_CHECK_KEY is not set, or no address is: not checked"],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_to_become_a_pdf_when_there_is_a_key() -> Result<()> {
    let asked = Arc::<AtomicUsize>::default();
    let url = serve(platen(Arc::clone(&asked), "%PDF-1.7")).await?;
    validate(
        release(&url)?.with("DELIVERY_CHECK_KEY", "a-key"),
        "after",
        true,
    )
    .await?;
    assert_eq!(
        asked.load(Ordering::Relaxed),
        2,
        "it was not waited for the PDF"
    );

    let url = serve(platen(Arc::default(), "<html>")).await?;
    let delivery = release(&url)?.with("DELIVERY_CHECK_KEY", "a-key");
    let said = validate(delivery, "after", false).await?;
    says(
        &said,
        &[
            "this has no %PDF-",
            "release one does not pass after/20-converts",
        ],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_answers_wrongly_or_not_at_all_does_not_pass() -> Result<()> {
    let bad = [
        (Router::new(), "before", "/readyz answers 404, not 200"),
        (
            Router::new()
                .route("/readyz", get(|| async { "ok" }))
                .fallback(|| async { (StatusCode::UNAUTHORIZED, "somebody else's sign-in page") }),
            "before",
            "this has no \"code\"",
        ),
        (
            Router::new().route("/", get(|| async { Html("<!doctype html>") })),
            "after",
            "/api/v1/account answers 404, not 401",
        ),
    ];
    for (router, stage, why) in bad {
        let url = serve(router).await?;
        says(&validate(release(&url)?, stage, false).await?, &[why])?;
    }
    // Nobody is there.
    let nobody = release("http://127.0.0.1:1")?;
    says(
        &validate(nobody, "before", false).await?,
        &["answers 000, not 200"],
    )
}

fn check(folder: &Path, name: &str, mode: u32, text: &str) -> Result<()> {
    let file = folder.join("before").join(name);
    fs::create_dir_all(folder.join("before"))?;
    fs::write(&file, text)?;
    Ok(fs::set_permissions(file, fs::Permissions::from_mode(mode))?)
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_of_ones_own_run_in_their_order_until_one_fails() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let say = "#!/bin/sh\necho \"$0 $VERSION of $ENVIRONMENT in $NAMESPACE\"\n";
    check(folder.path(), "10-first", 0o755, say)?;
    check(folder.path(), "20-second", 0o755, "#!/bin/sh\nexit 3\n")?;
    check(folder.path(), "30-third", 0o755, say)?;
    let delivery = || {
        Ok::<_, anyhow::Error>(
            Delivery::new()?.with("DELIVERY_CHECKS", &folder.path().display().to_string()),
        )
    };
    let said = validate(delivery()?, "before", false).await?;
    says(
        &said,
        &[
            "10-first one of dev in platen-dev",
            "does not pass before/20-second",
        ],
    )?;
    assert!(!said.contains("30-third"), "{said}");

    // One that never ends does not keep a release from being rolled back.
    check(
        folder.path(),
        "20-second",
        0o755,
        "#!/bin/sh\nexec sleep 60\n",
    )?;
    let hanging = delivery()?.with("DELIVERY_CHECK_TIMEOUT", "1");
    says(
        &validate(hanging, "before", false).await?,
        &["does not pass before/20-second"],
    )?;

    // Nor is one left out in silence that somebody forgot to make a program.
    check(folder.path(), "20-second", 0o644, say)?;
    says(
        &validate(delivery()?, "before", false).await?,
        &["20-second cannot be run"],
    )
}
