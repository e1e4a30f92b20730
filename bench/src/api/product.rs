//! The product with people and files in it, as after some months of use.

use std::{fs, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use axum::body::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use platen_api_types::UserId;
use platen_pipeline::{FileName, PdfKey, PdfStore as _, SystemClock};
use platen_pipeline_local::{LocalPipeline, LocalSettings};
use platen_tests::{Answer, Client, DataDir, PASSWORD, Server};
use reqwest::{Method, RequestBuilder, StatusCode, header::AUTHORIZATION};
use serde_json::json;
use tempfile::TempDir;

use super::{
    route::{Paths, Route, SIGN_IN},
    sign_ins,
};
use crate::{
    listing::seed,
    resources::{claimed, facts, finished, new_file},
};

/// Files in a page of the list.
const PAGE: usize = 50;

/// Longest that the server may take to stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// Accounts that are made at a time.
const PARALLEL: usize = 4;

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Files of the one who reads.
    pub(super) files: usize,
    /// KiB of the PDF that is downloaded.
    pub(super) pdf: usize,
    /// Those who sign in.
    pub(super) people: usize,
}

/// A running server, and what the reader asks it.
pub(super) struct Product {
    server: Server,
    reader: Client,
    bearer: String,
    paths: Paths,
    /// What it answered, each at its path: for those that it is compared with.
    answers: TempDir,
}

impl Product {
    pub(super) async fn start(size: Size) -> anyhow::Result<Self> {
        let data = DataDir::new()?;
        let start = || {
            let server = Server::builder().data(&data);
            ["SIGN_UPS_PER_HOUR", "SIGN_INS_PER_MINUTE"]
                .into_iter()
                .fold(server, |server, limit| {
                    server.env(&format!("PLATEN_{limit}"), "1000000")
                })
                .env("PLATEN_LOG", "warn")
                .start()
        };
        let mut server = start().await?;
        let reader = server.user("reader").await?;
        sign_up(&server.client()?, size.people).await?;
        // The folder is one process's at a time.
        server.terminate()?;
        server.ended(PATIENCE).await?;
        let user = reader.user_id()?.parse()?;
        seed::sqlite(data.path(), user, size.files.saturating_sub(1)).await?;
        let name = store(data.path(), user, size.pdf * 1024).await?;

        let server = start().await?;
        let reader = reader.at(server.origin());
        let paths = paths(&reader, &name).await?;
        let request = reader.call(Method::GET, "/files").build()?;
        let bearer = request.headers().get(AUTHORIZATION);
        let bearer = bearer.context("not signed in")?.to_str()?.to_owned();
        let product = Self {
            server,
            reader,
            bearer,
            paths,
            answers: TempDir::new()?,
        };
        product.save_answers().await?;
        Ok(product)
    }

    async fn save_answers(&self) -> anyhow::Result<()> {
        for route in Route::ALL {
            let answer = Answer::of(self.call(route)).await?;
            let path = self.paths.of(route);
            let path = path.split_once('?').map_or(path, |(path, _)| path);
            self.save(path, &answer)?;
        }
        let account = json!({ "username": sign_ins::name(0), "password": PASSWORD });
        let answer = self.reader.post("/sign-in", &account).await?;
        self.save(SIGN_IN, &answer)
    }

    fn save(&self, path: &str, answer: &Answer) -> anyhow::Result<()> {
        ensure!(
            answer.status == StatusCode::OK,
            "{path}: {} instead of 200",
            answer.status
        );
        let file = self.answers.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(file.parent().context("no folder")?)?;
        Ok(fs::write(file, &answer.body)?)
    }

    /// What the reader asks.
    pub(super) fn call(&self, route: Route) -> RequestBuilder {
        self.call_at(self.origin(), route)
    }

    /// The same of somebody else.
    pub(super) fn call_at(&self, origin: &str, route: Route) -> RequestBuilder {
        let path = self.paths.of(route).trim_start_matches("/api/v1");
        self.reader.at(origin).call(Method::GET, path)
    }

    pub(super) fn origin(&self) -> &str {
        self.server.origin()
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.server.id()
    }

    pub(super) fn bearer(&self) -> &str {
        &self.bearer
    }

    pub(super) fn paths(&self) -> &Paths {
        &self.paths
    }

    pub(super) fn answers(&self) -> &Path {
        self.answers.path()
    }
}

async fn sign_up(client: &Client, people: usize) -> anyhow::Result<()> {
    stream::iter(0..people)
        .map(async |person| {
            let account = json!({ "username": sign_ins::name(person), "password": PASSWORD });
            let answer = client.post("/sign-up", &account).await?;
            answer.expect(StatusCode::CREATED)
        })
        .buffer_unordered(PARALLEL)
        .try_for_each(async |_| Ok(()))
        .await
}

/// The newest file, and the only one that has a PDF.
async fn store(folder: &Path, user: UserId, bytes: usize) -> anyhow::Result<FileName> {
    let clock = Arc::new(SystemClock);
    let local = LocalPipeline::open(folder, clock, LocalSettings::default()).await?;
    let new = new_file(user, seed::URL);
    let name = new.name.clone();
    let (key, token) = claimed(&*local.index, new).await?;
    let pdf = PdfKey {
        user,
        file: key.file,
        token,
    };
    let body = Bytes::from(vec![b'%'; bytes]);
    let body = stream::once(async { Ok(body) }).boxed();
    let stored = local.store.put(&pdf, body).await?;
    let facts = facts(seed::URL.to_owned(), stored.size);
    finished(&*local.index, key, token, facts).await?;
    local.close().await;
    Ok(name)
}

async fn paths(reader: &Client, name: &FileName) -> anyhow::Result<Paths> {
    let list = format!("/files?limit={PAGE}");
    let files = reader.get(&list).await?.ok()?;
    let files = files["files"].as_array().context("no list")?;
    ensure!(
        files.len() == PAGE,
        "{} files instead of {PAGE}",
        files.len()
    );
    let id = files[0]["id"].as_str().context("no id")?;
    ensure!(files[0]["name"] == name.as_str(), "the newest is not first");
    Ok(Paths {
        status: format!("/api/v1/request/{id}"),
        download: format!("/api/v1/file/{}", name.as_str()),
        list: format!("/api/v1{list}"),
    })
}
