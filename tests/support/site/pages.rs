//! The pages. Each does one thing, named by its path.

use std::{
    fmt::Write,
    future::pending,
    path::Path,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path as UrlPath, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{any, get},
};
use futures::{StreamExt, stream};
use serde::Deserialize;
use tower_http::services::{ServeDir, ServeFile};

use super::State as Shared;
use crate::foreign_pdf;

/// Pages that each show one thing which a PDF must keep; `index.html` lists them.
const FIDELITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/support/site/fidelity");

/// One picture in the formats of the web.
const FORMATS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/support/site/formats");

/// Where the set-up puts a font that no page has by itself.
const FONT: &str = "/usr/share/fonts/truetype/noto/NotoSerif-Bold.ttf";

/// A red square, 8 × 8.
const PNG: &[u8] = include_bytes!("red.png");

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/simple", get(simple))
        .route("/second", get(second))
        .route("/long", get(long))
        .route("/pictures", get(pictures))
        .route("/picture.png", get(picture))
        .route("/private-picture", get(private_picture))
        .route("/headers", get(headers))
        .route("/text", get("plain text of the fixture site"))
        .route("/blank", get(Html("<!doctype html><title>Blank</title>")))
        .route("/held", get(held))
        .route("/silent", get(pending::<()>))
        .route("/slow/{milliseconds}", get(slow))
        .route("/unfinished", get(unfinished))
        .route("/never-idle", get(never_idle))
        .route("/never-idle/more", get(pending::<()>))
        .route("/redirect", get(redirect))
        .route("/redirect-forever/{hop}", get(redirect_forever))
        .route("/navigate", get(navigate))
        // A receiver of webhooks may be told what to answer, too.
        .route("/status/{code}", any(status))
        .route("/recovers/{key}", get(recovers))
        .route("/sign-in-first", get(sign_in_first))
        .route("/download", get(download))
        .route("/pdf/{kind}", get(foreign))
        .with_state(shared)
        .route_service("/fidelity/font.ttf", ServeFile::new(FONT))
        .merge(folder("/fidelity", Path::new(FIDELITY)))
        .merge(folder("/formats", Path::new(FORMATS)))
}

/// Files of a folder.
pub(super) fn folder(under: &str, folder: &Path) -> Router {
    Router::new().nest_service(under, ServeDir::new(folder))
}

#[derive(Deserialize)]
struct Target {
    to: String,
}

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content='width=device-width'><title>{title}</title><body>{body}"
    ))
}

async fn simple() -> Html<String> {
    page(
        "A simple page",
        "<h1>Simple heading</h1><p>The quick brown fox jumps over the lazy dog.</p>\
         <h2>Letters of the world</h2><p>Ελληνικά, русский, 中文, 日本語, ไทย</p>",
    )
}

async fn second() -> Html<String> {
    page(
        "A second page",
        "<h1>Second heading</h1><p>Pack my box.</p>",
    )
}

/// About twenty sheets.
async fn long() -> Html<String> {
    let mut body = String::new();
    for chapter in 1..=20 {
        // Writing to a string cannot fail.
        let _ = write!(
            body,
            "<h2>Chapter {chapter}</h2><p>{}</p>",
            "All work and no play. ".repeat(120)
        );
    }
    page("A long page", &body)
}

async fn pictures() -> Html<String> {
    page(
        "A page with pictures",
        "<h1>Pictures</h1><img src=/picture.png alt=first width=100>\
         <div style='height: 3000px'></div>\
         <img src=/picture.png?lazy loading=lazy alt=last width=100><p>After the pictures</p>",
    )
}

async fn picture() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/png")], PNG)
}

/// A page that is fine but for a picture from somewhere it must not reach.
async fn private_picture(Query(target): Query<Target>) -> Html<String> {
    page(
        "A page with a private picture",
        &format!("<h1>Reachable</h1><img src='{}' alt=''>", target.to),
    )
}

/// The request headers, as they arrived.
async fn headers(headers: HeaderMap) -> Html<String> {
    let mut lines = String::new();
    for (name, value) in &headers {
        let _ = writeln!(
            lines,
            "{name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        );
    }
    page("Headers", &format!("<pre>{lines}</pre>"))
}

/// Answers once the test has opened the gate.
async fn held(State(shared): State<Arc<Shared>>) -> Html<String> {
    shared.held_requests.fetch_add(1, Ordering::SeqCst);
    shared.held.passed().await;
    page("A page that was held", "<h1>Released</h1>")
}

/// Takes so long to load, and as long again to be printed.
async fn slow(UrlPath(milliseconds): UrlPath<u64>) -> Html<String> {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    page(
        "A slow page",
        &format!(
            "<h1>Slow</h1><script>addEventListener('beforeprint', () => {{\
             const end = performance.now() + {milliseconds};\
             while (performance.now() < end);\
             }})</script>"
        ),
    )
}

/// The beginning of a page, whose end never comes.
async fn unfinished() -> Response {
    let start = stream::once(async {
        Ok::<_, std::convert::Infallible>(Bytes::from_static(
            b"<!doctype html><title>Unfinished</title><h1>What arrived</h1>",
        ))
    });
    let body = Body::from_stream(start.chain(stream::pending()));
    ([(header::CONTENT_TYPE, "text/html")], body).into_response()
}

/// A whole page with a picture that never comes.
async fn never_idle() -> Html<String> {
    page(
        "A page that is never idle",
        "<h1>All text is here</h1><img src=/never-idle/more alt=''>",
    )
}

async fn redirect(Query(target): Query<Target>) -> Redirect {
    Redirect::temporary(&target.to)
}

async fn redirect_forever(UrlPath(hop): UrlPath<u64>) -> Redirect {
    Redirect::temporary(&format!("/redirect-forever/{}", hop.wrapping_add(1)))
}

/// Leads on by script.
async fn navigate(Query(target): Query<Target>) -> Html<String> {
    page(
        "A page that leads on",
        &format!("<script>location.replace('{}')</script>", target.to),
    )
}

async fn status(UrlPath(code): UrlPath<u16>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
    (status, page("An error", &format!("<h1>Error {code}</h1>"))).into_response()
}

/// Answers with an error the first time it is asked for with a key, with a page from then on.
async fn recovers(State(shared): State<Arc<Shared>>, UrlPath(key): UrlPath<String>) -> Response {
    let first = {
        let mut seen = shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(key)
    };
    if first {
        let body = page("An error", "<h1>Not yet</h1>");
        return (StatusCode::INTERNAL_SERVER_ERROR, body).into_response();
    }
    page("A page that recovered", "<h1>Recovered</h1>").into_response()
}

async fn sign_in_first() -> impl IntoResponse {
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, "Basic realm=\"fixture\"")],
        page("Sign in", "<h1>Sign in first</h1>"),
    )
}

async fn download() -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, "application/zip"),
            (
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"archive.zip\"",
            ),
        ],
        Bytes::from_static(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    )
}

/// A PDF that is no page of ours.
async fn foreign(UrlPath(kind): UrlPath<String>) -> Response {
    let pdf = match &*kind {
        "plain" => Ok(foreign_pdf::plain()),
        "huge" => Ok(foreign_pdf::huge()),
        "bomb" => foreign_pdf::bomb(),
        "scribble" => foreign_pdf::scribble(),
        "laughter" => Ok(foreign_pdf::laughter()),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match pdf {
        Ok(pdf) => ([(header::CONTENT_TYPE, "application/pdf")], pdf).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
