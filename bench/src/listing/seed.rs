//! Files that were never rendered, written as the product would have left them.

use std::{collections::HashMap, fs, path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, PutRequest, WriteRequest},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use platen_api_types::UserId;
use platen_pipeline::SystemClock;
use platen_pipeline_local::{LocalPipeline, LocalSettings};
use platen_tests::Cloud;
use tempfile::TempDir;

use crate::resources::{aws, new_file, ready};

/// Items that DynamoDB takes at once.
const BATCH: usize = 25;

/// Files or batches on their way at a time.
const PARALLEL: usize = 8;

/// The file that the local pipeline keeps its records in.
const DATABASE: &str = "pipeline.db";

/// A page like those that people save.
pub(crate) const URL: &str =
    "http://www.example.com/articles/2025/a-page-about-nothing-in-particular?page=2";

type Item = HashMap<String, AttributeValue>;

/// Through the port, file by file: the adapter keeps counts and search text beside the rows. In
/// memory, and copied back: on a disk, most of the time would go into making each of the three
/// changes of every file last.
pub(crate) async fn sqlite(folder: &Path, user: UserId, files: usize) -> anyhow::Result<()> {
    let memory = match Path::new("/dev/shm") {
        memory if memory.is_dir() => TempDir::new_in(memory),
        _ => TempDir::new(),
    }?;
    fs::copy(folder.join(DATABASE), memory.path().join(DATABASE))?;
    let clock = Arc::new(SystemClock);
    let local = LocalPipeline::open(memory.path(), clock, LocalSettings::default()).await?;
    stream::iter(0..files)
        .map(|_| ready(&*local.index, new_file(user, URL)))
        .buffer_unordered(PARALLEL)
        .try_for_each(async |_| Ok(()))
        .await?;
    // With it, what is in the log gets into the file.
    local.close().await;
    fs::copy(memory.path().join(DATABASE), folder.join(DATABASE))?;
    Ok(())
}

/// One file through the port, the others as copies of its item under names of their own: a user's
/// writes wait for each other, and all of them would take an hour.
pub(super) async fn dynamodb(cloud: &Cloud, user: UserId, files: usize) -> anyhow::Result<()> {
    let (aws, index) = aws(cloud).await?;
    let client = aws.dynamodb_client();
    let table = table(cloud)?;
    let key = ready(&index, new_file(user, URL)).await?;
    let pattern = item(client, &table, user, &key.file.to_string()).await?;
    let mut counters = item(client, &table, user, "#user").await?;
    let last = number(&counters, "last_revision")?;

    let revisions: Vec<usize> = (last + 1..last + files).collect();
    stream::iter(revisions.chunks(BATCH))
        .map(|revisions| {
            let copies = revisions.iter();
            let copies = copies.map(|&revision| copy(&pattern, user, revision));
            write(client, &table, copies.collect())
        })
        .buffer_unordered(PARALLEL)
        .try_for_each(async |()| Ok(()))
        .await?;

    set(&mut counters, "files", files);
    set(&mut counters, "last_revision", last + files - 1);
    write(client, &table, vec![counters]).await
}

fn copy(pattern: &Item, user: UserId, revision: usize) -> Item {
    let file = new_file(user, URL);
    let mut item = pattern.clone();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    item.insert("file_id".to_owned(), text(&file.id.to_string()));
    item.insert("name".to_owned(), text(file.name.as_str()));
    set(&mut item, "revision", revision);
    item
}

async fn item(client: &Client, table: &str, user: UserId, sort: &str) -> anyhow::Result<Item> {
    let found = client
        .get_item()
        .table_name(table)
        .key("user_id", AttributeValue::S(user.to_string()))
        .key("file_id", AttributeValue::S(sort.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    found.item.with_context(|| format!("no item {sort}"))
}

async fn write(client: &Client, table: &str, items: Vec<Item>) -> anyhow::Result<()> {
    let puts = items.into_iter().map(|item| {
        let put = PutRequest::builder().set_item(Some(item)).build()?;
        Ok(WriteRequest::builder().put_request(put).build())
    });
    let puts = puts.collect::<anyhow::Result<Vec<_>>>()?;
    let written = client
        .batch_write_item()
        .request_items(table, puts)
        .send()
        .await?;
    let left = written.unprocessed_items.unwrap_or_default();
    ensure!(left.is_empty(), "items were not written");
    Ok(())
}

fn number(item: &Item, name: &str) -> anyhow::Result<usize> {
    let number = item.get(name).and_then(|value| value.as_n().ok());
    Ok(number.with_context(|| format!("no {name}"))?.parse()?)
}

fn set(item: &mut Item, name: &str, number: usize) {
    item.insert(name.to_owned(), AttributeValue::N(number.to_string()));
}

fn table(cloud: &Cloud) -> anyhow::Result<String> {
    let mut env = cloud.env().into_iter();
    let table = env.find(|(name, _)| *name == "PLATEN_DYNAMODB_TABLE");
    Ok(table.context("no table")?.1)
}
