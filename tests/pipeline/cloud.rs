//! What a test has on AWS, seen as any program sees it: in JSON over HTTP.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use platen_peers::{ACCESS_KEY, Kind, Peer, REGION, SECRET_KEY};
use platen_tests::{DataDir, Server, ServerBuilder, eventually};
use serde_json::{Value, json};
use tokio::{process::Command, sync::OnceCell};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// 32 bytes, as every server of an installation has them.
pub(crate) const JWT_KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// The peers, shared by all tests of this process.
static PEERS: OnceCell<[Peer; 3]> = OnceCell::const_new();

/// A table, queues and a bucket that no other test has.
pub(crate) struct Cloud {
    pub(crate) name: String,
    pub(crate) http: reqwest::Client,
    /// Where the services are, and who asks.
    access: HashMap<String, String>,
    /// What there is, as the program that made it says.
    resources: HashMap<String, String>,
}

impl Cloud {
    pub(crate) async fn new() -> Result<Self> {
        static CLOUDS: AtomicU32 = AtomicU32::new(0);
        let start = || async {
            let [one, two, three] = [Kind::Dynoxide, Kind::MiniStack, Kind::S3sFs].map(Peer::start);
            let (one, two, three) = tokio::try_join!(one, two, three)?;
            anyhow::Ok([one, two, three])
        };
        let [dynamodb, ministack, s3] = PEERS
            .get_or_try_init(start)
            .await?
            .each_ref()
            .map(Peer::url);
        let access: HashMap<String, String> = [
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_ENDPOINT_URL_DYNAMODB", &dynamodb),
            ("AWS_ENDPOINT_URL_SQS", &ministack),
            ("AWS_ENDPOINT_URL_SSM", &ministack),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &ministack),
            ("AWS_ENDPOINT_URL_S3", &s3),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let name = format!("platen-{}", CLOUDS.fetch_add(1, Ordering::Relaxed));
        let resources = provision(&access, &name).await?;
        Ok(Self {
            name,
            http: reqwest::Client::builder().no_proxy().build()?,
            access,
            resources,
        })
    }

    /// What a setting is to be, such as `PLATEN_SQS_QUEUE_URL`.
    pub(crate) fn resource(&self, setting: &str) -> Result<&str> {
        let value = self.resources.get(setting);
        value
            .map(String::as_str)
            .with_context(|| format!("no {setting}"))
    }

    /// A server that finds AWS, and is not told what there is on it.
    pub(crate) fn bare_server(&self) -> ServerBuilder {
        // There is no page to load, and nobody to load it.
        let server = Server::builder().env("PLATEN_CHROMIUM", "/nonexistent");
        with(server, &self.access)
    }

    /// A server on all that there is, with its accounts in a database of that URL.
    pub(crate) fn server(&self, database: &str) -> ServerBuilder {
        with(self.bare_server(), &self.resources)
            .env("PLATEN_JWT_KEY", JWT_KEY)
            .env("DATABASE_URL", database)
    }

    /// Calls an operation, such as `AmazonSQS.ReceiveMessage`.
    pub(crate) async fn call(&self, operation: &str, body: &Value) -> Result<Value> {
        let (service, _) = operation.split_once('.').context("no operation")?;
        let (endpoint, scope, version) = match service {
            "DynamoDB_20120810" => ("AWS_ENDPOINT_URL_DYNAMODB", "dynamodb", "1.0"),
            "AmazonSQS" => ("AWS_ENDPOINT_URL_SQS", "sqs", "1.0"),
            "AmazonSSM" => ("AWS_ENDPOINT_URL_SSM", "ssm", "1.1"),
            _ => ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "secretsmanager", "1.1"),
        };
        // These peers look who asks, and not whether the signature is right.
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/{REGION}/{scope}/aws4_request, \
             SignedHeaders=host, Signature=0"
        );
        let answer = self
            .http
            .post(&self.access[endpoint])
            .header("content-type", format!("application/x-amz-json-{version}"))
            .header("x-amz-target", operation)
            .header("x-amz-date", "20260101T000000Z")
            .header("authorization", signature)
            .body(body.to_string())
            .send()
            .await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "{operation}: {status} {text}");
        Ok(if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text)?
        })
    }

    /// The next message of the work queue and its body; hidden from others for a minute.
    pub(crate) async fn message(&self) -> Result<(Value, Value)> {
        let queue = self.resource("PLATEN_SQS_QUEUE_URL")?;
        let receive = json!({"QueueUrl": queue, "VisibilityTimeout": 60, "WaitTimeSeconds": 1});
        eventually("a message", PATIENCE, async || {
            let received = self.call("AmazonSQS.ReceiveMessage", &receive).await?;
            let message = &received["Messages"][0];
            match message["Body"].as_str() {
                None => Ok(None),
                Some(body) => Ok(Some((message.clone(), serde_json::from_str(body)?))),
            }
        })
        .await
    }

    /// State of the row that a message is about.
    pub(crate) async fn status_of(&self, body: &Value) -> Result<Value> {
        let get = json!({
            "TableName": self.name,
            "Key": {"user_id": {"S": body["user_id"]}, "file_id": {"S": body["file_id"]}},
            "ConsistentRead": true,
        });
        let mut row = self.call("DynamoDB_20120810.GetItem", &get).await?;
        Ok(row["Item"]["status"]["S"].take())
    }
}

fn with(server: ServerBuilder, variables: &HashMap<String, String>) -> ServerBuilder {
    variables
        .iter()
        .fold(server, |server, (name, value)| server.env(name, value))
}

/// Makes everything of one name by the program that a person would use.
async fn provision(
    access: &HashMap<String, String>,
    name: &str,
) -> Result<HashMap<String, String>> {
    let program = std::env::var_os("PLATEN_PROVISION").map_or_else(
        || {
            PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../target/debug/examples/provision"
            ))
        },
        PathBuf::from,
    );
    let output = Command::new(&program)
        .arg(name)
        .env_clear()
        .envs(access)
        .output()
        .await
        .with_context(|| format!("no program at {}: run `make test`", program.display()))?;
    let (said, complaint) = (String::from_utf8(output.stdout)?, output.stderr);
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&complaint)
    );
    Ok(said
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

/// A database of its own, for a server that is alone.
pub(crate) fn sqlite(folder: &DataDir) -> String {
    format!("sqlite://{}/a.db?mode=rwc", folder.path().display())
}
