//! Prints one page: `cargo run --example print -- URL FILE [host:port,…]`.

use std::{io::Write as _, sync::Arc};

use futures::TryStreamExt as _;
use platen_api_types::PdfOptions;
use platen_egress::{Egress, SystemResolver, TargetUrl};
use platen_renderer::{RenderJob, Renderer, RendererConfig};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: print URL FILE [host:port,...]";
    let url = arguments.next().ok_or(usage)?;
    let path = arguments.next().ok_or(usage)?;
    let policy = arguments.next().unwrap_or_default().parse()?;
    let egress = Egress::new(policy, Arc::new(SystemResolver::from_system()?));
    let job = RenderJob::new(
        TargetUrl::parse(&url, egress.policy())?,
        PdfOptions::default(),
    );
    let work_dir = std::env::temp_dir().join("platen-print");
    let renderer = Renderer::start(RendererConfig::new(work_dir), egress).await?;
    let started = std::time::Instant::now();
    let mut page = renderer.render(job, CancellationToken::new()).await?;
    let mut file = std::fs::File::create(path)?;
    while let Some(chunk) = page.pdf.try_next().await? {
        file.write_all(&chunk)?;
    }
    let took = started.elapsed();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:#?}", page.page)?;
    writeln!(out, "{:#?}", page.outcome.facts().await)?;
    writeln!(out, "took {took:?}")?;
    renderer.shutdown().await;
    Ok(())
}
