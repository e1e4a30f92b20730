//! This program as a contender: reads an order a line, answers each with a line, ends with its input.

use std::{
    io::{Write as _, stdout},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

use super::{
    Ours,
    gotenberg::{self, Gotenberg},
    headless_chrome::HeadlessChrome,
    rounds::Order,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[arg(value_enum)]
    name: Name,
    #[arg(long)]
    chromium: PathBuf,
    #[arg(long)]
    site_port: u16,
    #[arg(long)]
    concurrency: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    Platen,
    HeadlessChrome,
    Gotenberg,
    GotenbergEqual,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    match options.name {
        Name::Platen => {
            let ours = Ours::start(&options.chromium, options.site_port, options.concurrency);
            let ours = ours.await?;
            serve(async |order| ours.convert(&order.urls, order.concurrency).await).await?;
            ours.stop().await;
        }
        Name::HeadlessChrome => {
            // Dropping it ends its browser.
            let peer = HeadlessChrome::start(&options.chromium)?;
            serve(async |order| peer.convert(&order.urls, order.concurrency).await).await?;
        }
        Name::Gotenberg => gotenberg(&options, gotenberg::Options::Default).await?,
        Name::GotenbergEqual => gotenberg(&options, gotenberg::Options::Equal).await?,
    }
    Ok(())
}

async fn gotenberg(options: &Options, of_its: gotenberg::Options) -> anyhow::Result<()> {
    let peer = Gotenberg::start(&options.chromium, options.concurrency, of_its).await?;
    serve(async |order| peer.convert(&order.urls, order.concurrency).await).await?;
    peer.stop().await
}

async fn serve<T: Serialize>(
    carry_out: impl AsyncFn(Order) -> anyhow::Result<T>,
) -> anyhow::Result<()> {
    // The browser is up.
    say(&serde_json::json!({}))?;
    let mut orders = BufReader::new(stdin()).lines();
    while let Some(order) = orders.next_line().await? {
        say(&carry_out(serde_json::from_str(&order)?).await?)?;
    }
    Ok(())
}

fn say(what: &impl Serialize) -> anyhow::Result<()> {
    writeln!(stdout(), "{}", serde_json::to_string(what)?)?;
    Ok(())
}
