//! What AWS holds for a measurement, reached as the product reaches it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use platen_api_types::{FileId, PdfOptions, UserId};
use platen_peers::{ACCESS_KEY, REGION, SECRET_KEY};
use platen_pipeline::{
    Claim, FencingToken, FileIndex, FileKey, FileName, Finish, NewFile, Outcome, PdfFacts, Put,
    Quota, SystemClock,
};
use platen_pipeline_aws::{Aws, DynamoIndex, Overrides, StaticCredentials};
use platen_tests::{Cloud, DataDir, Server, ServerBuilder};
use uuid::Uuid;

/// What every backend of a measurement signs with; 32 bytes.
const JWT_KEY: &str = "YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJlbmNoYmU=";

/// Longer than it takes to record what did not have to be rendered.
const LEASE: Duration = Duration::from_mins(10);

/// A backend on the emulators, its accounts in a database in `data`.
pub(crate) fn backend(cloud: &Cloud, data: &DataDir) -> ServerBuilder {
    let accounts = data.path().join("accounts.db");
    let variables = cloud.env().into_iter().chain([
        (
            "DATABASE_URL",
            format!("sqlite://{}?mode=rwc", accounts.display()),
        ),
        ("PLATEN_JWT_KEY", JWT_KEY.to_owned()),
    ]);
    variables.fold(Server::builder(), |server, (name, value)| {
        server.env(name, value)
    })
}

/// The adapters of the product, through the same proxies.
pub(crate) async fn aws(cloud: &Cloud) -> anyhow::Result<(Aws, DynamoIndex)> {
    let env: HashMap<_, _> = cloud.env().into_iter().collect();
    let aws = Aws::load(Overrides {
        region: Some(REGION.to_owned()),
        credentials: Some(StaticCredentials {
            access_key_id: ACCESS_KEY.to_owned(),
            secret_access_key: SECRET_KEY.to_owned(),
        }),
        dynamodb: env.get("AWS_ENDPOINT_URL_DYNAMODB").cloned(),
        sqs: env.get("AWS_ENDPOINT_URL_SQS").cloned(),
        s3: env.get("AWS_ENDPOINT_URL_S3").cloned(),
    })
    .await?;
    let table = env.get("PLATEN_DYNAMODB_TABLE").context("no table")?;
    let index = aws.index(table, Arc::new(SystemClock));
    Ok((aws, index))
}

/// A file that was not requested before, of a user who may be new.
pub(crate) fn new_file(user: UserId, url: &str) -> NewFile {
    let id = FileId::from_uuid(Uuid::now_v7());
    NewFile {
        user,
        id,
        name: FileName::new(url.trim_start_matches("http://"), id),
        url: url.to_owned(),
        options: PdfOptions::default(),
        idempotency: None,
    }
}

/// Writes a request down, as the backend does.
pub(crate) async fn queued(index: &dyn FileIndex, new: NewFile) -> anyhow::Result<FileKey> {
    let key = FileKey {
        user: new.user,
        file: new.id,
    };
    let put = index.put_queued(new, Quota::UNLIMITED).await?;
    ensure!(matches!(put, Put::Created(_)), "not created: {put:?}");
    Ok(key)
}

/// Takes a file through all its states, as if it had been rendered.
pub(crate) async fn ready(index: &dyn FileIndex, new: NewFile) -> anyhow::Result<FileKey> {
    let final_url = new.url.clone();
    let (key, token) = claimed(index, new).await?;
    finished(index, key, token, facts(final_url, 123_456)).await?;
    Ok(key)
}

/// Writes a request down, and that somebody renders it.
pub(crate) async fn claimed(
    index: &dyn FileIndex,
    new: NewFile,
) -> anyhow::Result<(FileKey, FencingToken)> {
    let key = queued(index, new).await?;
    let Claim::Claimed(record) = index.claim(key, LEASE).await? else {
        anyhow::bail!("{key:?} cannot be claimed");
    };
    Ok((key, record.token))
}

pub(crate) async fn finished(
    index: &dyn FileIndex,
    key: FileKey,
    token: FencingToken,
    facts: PdfFacts,
) -> anyhow::Result<()> {
    let finish = index.finish(key, token, Outcome::Ready(facts)).await?;
    ensure!(finish == Finish::Recorded, "{key:?} was not recorded");
    Ok(())
}

/// What would be known of a PDF of so many bytes.
pub(crate) fn facts(final_url: String, size: u64) -> PdfFacts {
    PdfFacts {
        title: Some("A page about nothing in particular".to_owned()),
        final_url,
        pages: 3,
        size,
        sha256: [7; 32],
    }
}
