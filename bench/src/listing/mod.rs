//! `GET /files?limit=50` of a user with very many files against that of one with few, over HTTP and
//! in turns: on one machine, and on the emulator of DynamoDB.

pub(crate) mod seed;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::ensure;
use clap::{Args, ValueEnum};
use platen_tests::{Client, Cloud, DataDir, Server};

use crate::{
    report::Report,
    resources::backend,
    stats::{Times, fine_ms, ratio},
};

/// Lists before those that count.
const WARM_UP: usize = 50;

/// Longest that a server may take to stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// Files in a page of the list.
const PAGE: usize = 50;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Files of the user with many.
    #[arg(long, default_value_t = 100_000)]
    many: usize,
    /// Files of the user with few; at least a page.
    #[arg(long, default_value_t = 100)]
    few: usize,
    /// Where the files are listed; both when left out.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "sqlite,dynamodb"
    )]
    indexes: Vec<Index>,
    /// Lists of each user, one after the other.
    #[arg(long, default_value_t = 2_000)]
    lists: usize,
    /// Where the table is written.
    #[arg(long, default_value = "results/listing.md")]
    out: PathBuf,
}

/// Where records are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Index {
    /// In the standalone product.
    Sqlite,
    /// Its emulator, with a backend as on AWS.
    Dynamodb,
}

/// The two who are compared.
struct Users {
    many: Client,
    few: Client,
}

impl Users {
    async fn sign_up(server: &Server) -> anyhow::Result<Self> {
        Ok(Self {
            many: server.user("many").await?,
            few: server.user("few").await?,
        })
    }

    fn at(&self, server: &Server) -> Self {
        Self {
            many: self.many.at(server.origin()),
            few: self.few.at(server.origin()),
        }
    }
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let mut report = Report::new(
        "Listing files",
        &format!(
            "`GET /files?limit={PAGE}`, answer read to its end, {} times for each of two users in \
             turns, one request at a time.",
            options.lists
        ),
    )?;
    report.fact("Files of one user", &options.many.to_string())?;
    report.fact("Files of the other", &options.few.to_string())?;
    report.table([
        "index",
        "many, p50 ms",
        "few, p50 ms",
        "ratio",
        "many, p99 ms",
        "few, p99 ms",
        "ratio (at most 2 is the bar)",
    ])?;
    for index in &options.indexes {
        match index {
            Index::Sqlite => standalone(&options, &mut report).await?,
            Index::Dynamodb => dynamodb(&options, &mut report).await?,
        }
    }
    report.save(&options.out)
}

async fn standalone(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let data = DataDir::new()?;
    let start = || {
        let server = Server::builder().data(&data);
        server.env("PLATEN_LOG", "warn").start()
    };
    let mut server = start().await?;
    let users = Users::sign_up(&server).await?;
    // The folder is one process's at a time.
    server.terminate()?;
    server.ended(PATIENCE).await?;
    for (user, files) in [(&users.many, options.many), (&users.few, options.few)] {
        seed::sqlite(data.path(), user.user_id()?.parse()?, files).await?;
    }
    let server = start().await?;
    measure("SQLite", &users.at(&server), options, report).await
}

async fn dynamodb(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let cloud = Cloud::start().await?;
    let accounts = DataDir::new()?;
    let server = backend(&cloud, &accounts)
        .env("PLATEN_LOG", "warn")
        .start()
        .await?;
    let users = Users::sign_up(&server).await?;
    for (user, files) in [(&users.many, options.many), (&users.few, options.few)] {
        seed::dynamodb(&cloud, user.user_id()?.parse()?, files).await?;
    }
    measure("DynamoDB, emulated", &users, options, report).await
}

async fn measure(
    index: &str,
    users: &Users,
    options: &Options,
    report: &mut Report,
) -> anyhow::Result<()> {
    for _ in 0..WARM_UP {
        list(&users.many).await?;
        list(&users.few).await?;
    }
    let (mut many, mut few) = (Vec::new(), Vec::new());
    for _ in 0..options.lists {
        many.push(list(&users.many).await?);
        few.push(list(&users.few).await?);
    }
    let many: Times = many.into_iter().collect();
    let few: Times = few.into_iter().collect();
    let (p99_many, p99_few) = (many.percentile(99), few.percentile(99));
    report.row(&[
        index.to_owned(),
        fine_ms(many.p50()),
        fine_ms(few.p50()),
        format!("{:.2}", ratio(many.p50(), few.p50())),
        fine_ms(p99_many),
        fine_ms(p99_few),
        format!("**{:.2}**", ratio(p99_many, p99_few)),
    ])
}

async fn list(user: &Client) -> anyhow::Result<Duration> {
    let path = format!("/files?limit={PAGE}");
    let started = Instant::now();
    let answer = user.get(&path).await?;
    let took = started.elapsed();
    let list = answer.ok()?;
    let files = list["files"].as_array().map_or(0, Vec::len);
    ensure!(files == PAGE, "{files} files instead of {PAGE}");
    Ok(took)
}
