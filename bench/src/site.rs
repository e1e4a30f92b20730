//! The pages that are converted, served on loopback.

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use anyhow::ensure;
use axum::{
    Router,
    extract::{Query, State},
    response::Html,
    routing::get,
};
use clap::ValueEnum;
use serde::Deserialize;
use tokio::{net::TcpListener, task::JoinHandle};
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

/// When the trivial page was first asked for on behalf of each job.
type Visits = Arc<Mutex<HashMap<usize, Instant>>>;

/// The server of the pages, until dropped.
#[derive(Debug)]
pub(crate) struct Site {
    port: u16,
    visits: Visits,
    task: JoinHandle<()>,
}

#[derive(Deserialize)]
struct Visit {
    job: Option<usize>,
}

impl Site {
    /// One with the trivial page alone.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::serve(|router| router).await
    }

    /// One with the pages of `docs`, too.
    pub(crate) async fn with_docs(docs: &Path) -> anyhow::Result<Self> {
        for page in MIXED {
            ensure!(
                docs.join(page).is_file(),
                "{page} is not in {}",
                docs.display()
            );
        }
        Self::serve(|router| router.fallback_service(ServeDir::new(docs))).await
    }

    async fn serve(more: impl FnOnce(Router) -> Router) -> anyhow::Result<Self> {
        let visits = Visits::default();
        let router = Router::new()
            .route("/trivial", get(trivial))
            .with_state(Arc::clone(&visits));
        let router = more(router);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(async move {
            // Serving ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { port, visits, task })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `host:port`, as an allow-list wants it.
    pub(crate) fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn urls(&self, set: PageSet) -> Vec<String> {
        let at = |path: &str| format!("http://127.0.0.1:{}/{path}", self.port);
        match set {
            PageSet::Trivial => vec![at("trivial"); TRIVIAL_JOBS],
            PageSet::Mixed => MIXED.map(at).to_vec(),
        }
    }

    /// The trivial page under a URL of the job's own.
    pub(crate) fn url_of(&self, job: usize) -> String {
        format!("http://127.0.0.1:{}/trivial?job={job}", self.port)
    }

    /// When a browser first asked for [`Self::url_of`] the job.
    pub(crate) fn visited(&self, job: usize) -> Option<Instant> {
        let visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        visits.get(&job).copied()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn trivial(State(visits): State<Visits>, Query(visit): Query<Visit>) -> Html<&'static str> {
    if let Some(job) = visit.job {
        let mut visits = visits.lock().unwrap_or_else(PoisonError::into_inner);
        visits.entry(job).or_insert_with(Instant::now);
    }
    Html("<!doctype html><title>Trivial</title><h1>Hello</h1><p>World")
}
