use std::{fmt, path::Path};

use anyhow::ensure;
use axum::{Router, response::Html, routing::get};
use clap::ValueEnum;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

/// Conversions of the trivial page in a round.
const TRIVIAL_JOBS: usize = 40;

/// Pages of the Rust documentation, from a short chapter to hundreds of printed pages.
const MIXED: [&str; 12] = [
    "book/ch01-01-installation.html",
    "std/index.html",
    "book/ch03-02-data-types.html",
    "std/vec/struct.Vec.html",
    "book/ch04-01-what-is-ownership.html",
    "reference/expressions/match-expr.html",
    "std/collections/index.html",
    "book/ch10-02-traits.html",
    "rust-by-example/hello/print.html",
    "std/option/enum.Option.html",
    "nomicon/subtyping.html",
    "book/ch20-05-macros.html",
];

/// Which pages a round converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageSet {
    /// One small page, again and again.
    Trivial,
    /// Real pages of very different lengths.
    Mixed,
}

impl fmt::Display for PageSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trivial => "trivial",
            Self::Mixed => "mixed",
        })
    }
}

/// The server of the pages, on loopback.
#[derive(Debug)]
pub(crate) struct Site {
    port: u16,
}

impl Site {
    pub(crate) async fn start(docs: &Path) -> anyhow::Result<Self> {
        for page in MIXED {
            ensure!(
                docs.join(page).is_file(),
                "{page} is not in {}",
                docs.display()
            );
        }
        let router = Router::new()
            .route(
                "/trivial",
                get(async || Html("<!doctype html><title>Trivial</title><h1>Hello</h1><p>World")),
            )
            .fallback_service(ServeDir::new(docs));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { port })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn urls(&self, set: PageSet) -> Vec<String> {
        let at = |path: &str| format!("http://127.0.0.1:{}/{path}", self.port);
        match set {
            PageSet::Trivial => vec![at("trivial"); TRIVIAL_JOBS],
            PageSet::Mixed => MIXED.map(at).to_vec(),
        }
    }
}
