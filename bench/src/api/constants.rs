//! The product's own way of serving, with nothing behind it: every answer is a constant. What the
//! product takes beyond this, it takes for its work.

use std::{
    fs,
    io::{Write as _, stdout},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use axum::{Router, body::Bytes, routing::any};
use clap::Args;
use platen::server::{ConnectionLimits, listen, serve};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use tokio::io::{copy, sink, stdin};
use tokio_util::sync::CancellationToken;

/// Longer than any connection of a measurement is silent.
const LIMITS: ConnectionLimits = ConnectionLimits {
    header_timeout: Duration::from_mins(1),
    write_timeout: Duration::from_mins(1),
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Folder of the answers, each at its path.
    #[arg(long)]
    root: PathBuf,
    /// Paths that are answered, whatever the method and the query.
    #[arg(required = true)]
    paths: Vec<String>,
}

/// Serves until its input ends; says first where.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let router = router(&options.root, &options.paths)?;
    let listener = listen("127.0.0.1:0".parse()?, "nothing").await?;
    writeln!(stdout(), "http://{}", listener.local_addr()?)?;
    let stop = CancellationToken::new();
    let serving = serve(listener, router, LIMITS, stop.clone());
    let end = async {
        let ended = copy(&mut stdin(), &mut sink()).await;
        stop.cancel();
        ended
    };
    let ((), ended) = tokio::join!(serving, end);
    ended?;
    Ok(())
}

fn router(root: &Path, paths: &[String]) -> anyhow::Result<Router> {
    let mut router = Router::new();
    for path in paths {
        let file = root.join(path.trim_start_matches('/'));
        let body = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let body = Bytes::from(body);
        let kind = HeaderValue::from_static(match file.extension() {
            Some(_) => "application/pdf",
            None => "application/json",
        });
        let answer = async move || ([(CONTENT_TYPE, kind)], body);
        router = router.route(path, any(answer));
    }
    Ok(router)
}
