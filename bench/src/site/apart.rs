//! The site in a process of its own, so that serving the pages is on nobody's account.

use std::{
    io::{Write as _, stdout},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::Context as _;
use clap::Args;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, copy, sink, stdin},
    process::{Child, Command},
};

use super::Site;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Directory of the Rust documentation.
    #[arg(long)]
    docs: PathBuf,
}

/// Serves until its input ends; says first on which port.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let site = Site::with_docs(&options.docs).await?;
    writeln!(stdout(), "{}", site.port())?;
    copy(&mut stdin(), &mut sink()).await?;
    Ok(())
}

/// The one that was started: it ends when this is dropped, because its input does.
pub(crate) struct SiteApart {
    port: u16,
    _process: Child,
}

impl SiteApart {
    pub(crate) async fn start(docs: &Path) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("site")
            .arg("--docs")
            .arg(docs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the site")?;
        let output = process.stdout.take().context("no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let line = line.context("the site has not started; it says why")?;
        Ok(Self {
            port: line.parse()?,
            _process: process,
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}
