//! The pages that are converted, served on loopback.

mod apart;

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

pub(crate) use self::apart::{Options, SiteApart, run};

/// Path of the page that asks nothing of a browser.
const TRIVIAL: &str = "trivial";

/// Conversions of the trivial page in a round.
const TRIVIAL_JOBS: usize = 60;

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

/// Those of them that take little more than the trivial page.
const SMALL: [&str; 2] = [MIXED[0], MIXED[8]];

/// Which pages a round converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PageSet {
    /// One small page, again and again.
    Trivial,
    /// Real pages of very different lengths.
    Mixed,
}

impl PageSet {
    /// On the site at `port`.
    pub(crate) fn urls(self, port: u16) -> Vec<String> {
        match self {
            Self::Trivial => vec![url(port, TRIVIAL); TRIVIAL_JOBS],
            Self::Mixed => MIXED.map(|page| url(port, page)).to_vec(),
        }
    }
}

/// So many jobs on the site at `port`: three of the trivial page for each of a small one.
pub(crate) fn small_jobs(port: u16, jobs: usize) -> Vec<String> {
    let small = SMALL
        .into_iter()
        .flat_map(|page| [TRIVIAL, TRIVIAL, TRIVIAL, page]);
    let paths: Vec<&str> = small.collect();
    let paths = paths.into_iter().cycle().take(jobs);
    paths.map(|path| url(port, path)).collect()
}

fn url(port: u16, path: &str) -> String {
    format!("http://127.0.0.1:{port}/{path}")
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
            .route(&format!("/{TRIVIAL}"), get(trivial))
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

    /// The trivial page under a URL of the job's own.
    pub(crate) fn url_of(&self, job: usize) -> String {
        url(self.port, &format!("{TRIVIAL}?job={job}"))
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
