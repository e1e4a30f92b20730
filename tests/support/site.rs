//! A web site with the pages that tests ask for, good and bad.

mod gate;
mod pages;

use std::{
    collections::HashSet,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};

use gate::Gate;

/// What the pages share with the test.
#[derive(Debug, Default)]
struct State {
    /// Keeps `/held` from answering until the test opens it.
    held: Gate,
    /// Requests of `/held` so far.
    held_requests: AtomicUsize,
    /// Keys that `/recovers/{key}` has been asked for with.
    seen: Mutex<HashSet<String>>,
}

/// The site, on a free loopback port until dropped. Its pages are listed in `pages.rs`.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Site {
    pub async fn start() -> Result<Self> {
        Self::serve(|state| Ok(pages::router(state))).await
    }

    /// The site with Rust's own documentation under `/doc/`.
    pub async fn with_rust_docs() -> Result<Self> {
        let docs = rust_docs()?;
        Self::serve(|state| Ok(pages::router(state).merge(pages::folder("/doc", &docs)))).await
    }

    async fn serve(router: impl FnOnce(Arc<State>) -> Result<Router>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let router = router(Arc::clone(&state))?;
        let task = tokio::spawn(async move {
            // Serving ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            state,
            task,
        })
    }

    /// `host:port`, as an allow-list wants it.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// URL of a path that begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Lets every request of `/held` be answered, now and from now on.
    pub fn release(&self) {
        self.state.held.open();
    }

    /// How often `/held` has been asked for.
    pub fn held_requests(&self) -> usize {
        self.state.held_requests.load(Ordering::SeqCst)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Folder of the toolchain's documentation.
pub fn rust_docs() -> Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&rustc)
        .args(["--print", "sysroot"])
        .output()
        .context("rustc does not start")?;
    let sysroot = String::from_utf8(output.stdout)?;
    let docs = PathBuf::from(sysroot.trim()).join("share/doc/rust/html");
    ensure!(
        docs.join("book/index.html").is_file(),
        "no documentation in {}: rustup component add rust-docs",
        docs.display()
    );
    Ok(docs)
}
