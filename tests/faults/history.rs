//! What clients were told, and whether what is there in the end agrees with it.
//!
//! The checker knows nothing of the schedule. It takes what clients saw and asks the product, the
//! table, the bucket and the queues; each rule is one of the promises in `docs/ARCHITECTURE.md`.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use anyhow::{Context as _, Result, ensure};
use platen_tests::{Client, Cloud, eventually};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::world::World;

/// What the checker's objections begin with.
pub(crate) const BROKEN: &str = "a promise is broken";

/// One user's requests, by their idempotency keys, and what became of them.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub submitted: Vec<Submitted>,
}

/// A request that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Submitted {
    pub idempotency_key: String,
    /// Of the file, as the first 201 said.
    pub id: String,
    pub name: String,
    /// The reason that the page fails for, when it is one that does.
    pub fails_with: Option<&'static str>,
    /// The client was told that the file is gone.
    pub deleted: bool,
}

/// How a user's files ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub ready: usize,
    pub failed: usize,
    /// Failed although the page is fine: every attempt met a fault.
    pub gave_up: usize,
    pub deleted: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.ready += other.ready;
        self.failed += other.failed;
        self.gave_up += other.gave_up;
        self.deleted += other.deleted;
    }
}

impl Submitted {
    /// A request of a page that is fine, by the answer that it got.
    pub(crate) fn new(idempotency_key: String, file: &Value) -> Result<Self> {
        let text = |field: &str| file[field].as_str().map(str::to_owned);
        Ok(Self {
            idempotency_key,
            id: text("id").context("no id")?,
            name: text("name").context("no name")?,
            fails_with: None,
            deleted: false,
        })
    }
}

impl History {
    /// Waits until every promise holds; the error is the one that did not in the end.
    pub(crate) async fn settled(&self, world: &World, client: &Client) -> Result<Tally> {
        let user = client.user_id()?;
        let broken = RefCell::new(None);
        let look = eventually("every promise holds", world.patience, async || {
            let checked = self.check(client, &user, &world.cloud).await;
            Ok(checked.map_err(|error| broken.replace(Some(error))).ok())
        });
        let held = look.await;
        match broken.into_inner() {
            Some(broken) if held.is_err() => Err(broken.context(BROKEN)),
            _ => held,
        }
    }

    /// Checks every promise, once nothing is under way any more.
    async fn check(&self, client: &Client, user: &str, cloud: &Cloud) -> Result<Tally> {
        let files = listed(client).await?;
        let kept: BTreeSet<&str> = self.kept().map(|file| file.id.as_str()).collect();
        let found: BTreeSet<&str> = files.keys().map(String::as_str).collect();
        let lost: Vec<_> = kept.difference(&found).collect();
        ensure!(lost.is_empty(), "accepted, and not listed: {lost:?}");
        let unknown: Vec<_> = found.difference(&kept).collect();
        ensure!(
            unknown.is_empty(),
            "listed, and never accepted or deleted since: {unknown:?}"
        );

        let records = of_user(cloud.records().await?.into_keys(), user);
        ensure!(
            records.iter().map(String::as_str).collect::<BTreeSet<_>>() == kept,
            "records {records:?} are not the kept files {kept:?}"
        );

        let mut tally = Tally {
            deleted: self.submitted.len() - kept.len(),
            ..Tally::default()
        };
        let mut objects = objects(cloud, user).await?;
        for submitted in self.kept() {
            let file = &files[&submitted.id];
            let objects = objects.remove(&submitted.id).unwrap_or_default();
            tally.add(ended(client, submitted, file, &objects).await?);
        }
        ensure!(objects.is_empty(), "objects without a record: {objects:?}");
        // Last: whatever else is wrong says more.
        let (waiting, dead) = cloud.messages().await?;
        ensure!(waiting == 0, "{waiting} messages are still there");
        ensure!(dead == 0, "{dead} dead letters are still there");
        Ok(tally)
    }

    fn kept(&self) -> impl Iterator<Item = &Submitted> {
        self.submitted.iter().filter(|file| !file.deleted)
    }
}

/// `ready` with one object whose hash matches, or `failed` with a reason and without an object.
async fn ended(
    client: &Client,
    submitted: &Submitted,
    file: &Value,
    objects: &[String],
) -> Result<Tally> {
    match file["status"].as_str() {
        Some("ready") => {
            ensure!(
                submitted.fails_with.is_none(),
                "ready, though the page fails: {file}"
            );
            ensure!(objects.len() == 1, "objects {objects:?} of {file}");
            let answer = client.get(&format!("/file/{}", submitted.name)).await?;
            ensure!(answer.status == 200, "{} for {file}", answer.status);
            let tag = answer.header("etag").context("no ETag")?.trim_matches('"');
            let hash = hex::encode(Sha256::digest(&answer.body));
            ensure!(tag == hash, "another rendering lies there: {file}");
            ensure!(answer.body.starts_with(b"%PDF-"), "no PDF: {file}");
            Ok(Tally {
                ready: 1,
                ..Tally::default()
            })
        }
        Some("failed") => {
            ensure!(objects.is_empty(), "failed with {objects:?}: {file}");
            let code = file["reason"]["code"].as_str().context("no reason")?;
            let gave_up = code == "internal_error";
            ensure!(
                gave_up || Some(code) == submitted.fails_with,
                "failed for a reason that the page does not have: {file}"
            );
            Ok(Tally {
                failed: usize::from(!gave_up),
                gave_up: usize::from(gave_up),
                ..Tally::default()
            })
        }
        status => anyhow::bail!("accepted, and neither ready nor failed but {status:?}: {file}"),
    }
}

/// All files of the list, by id; an error when one is listed twice.
async fn listed(client: &Client) -> Result<BTreeMap<String, Value>> {
    let mut files = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = client
            .get(&format!("/files?limit=50{cursor}"))
            .await?
            .ok()?;
        for file in page["files"].as_array().context("no list")? {
            let id = file["id"].as_str().context("no id")?.to_owned();
            ensure!(
                files.insert(id, file.clone()).is_none(),
                "listed twice: {file}"
            );
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(files),
        }
    }
}

/// The files' ids among keys that begin with `user/file`.
fn of_user(keys: impl IntoIterator<Item = String>, user: &str) -> BTreeSet<String> {
    keys.into_iter()
        .filter_map(|key| Some(key.strip_prefix(user)?.strip_prefix('/')?.to_owned()))
        .collect()
}

/// Keys of the user's objects, by file.
async fn objects(cloud: &Cloud, user: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let mut objects: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for key in cloud.objects().await? {
        let Some(rest) = key.strip_prefix(&format!("users/{user}/")) else {
            continue;
        };
        let file = rest.split('/').next().unwrap_or(rest).to_owned();
        objects.entry(file).or_default().push(key);
    }
    Ok(objects)
}
