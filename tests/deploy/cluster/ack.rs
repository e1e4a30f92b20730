//! What ACK's own controller for Lambda makes of a release, on an emulator of Lambda. Its program is no
//! package that could be installed, so the environment names it: `PLATEN_ACK_LAMBDA_CONTROLLER`. Without
//! that, `make test-deploy` leaves this out, and says so.

use std::{env, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use platen_peers::{ACCESS_KEY, Kind, Peer, SECRET_KEY, guarded};
use platen_tests::eventually;
use serde_json::{Value, json};
use tokio::process::Child;

use super::{control_plane::User, environment::Environment};
use crate::{
    object::list,
    tools::{run, tool},
};

const PROGRAM: &str = "PLATEN_ACK_LAMBDA_CONTROLLER";

/// Where the environment dev is.
const REGION: &str = "eu-central-1";

/// The controller looks again at what was not ready after half a minute.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a control plane and ACK's controller: make test-deploy"]
async fn the_queue_goes_to_the_function_of_the_release_that_serves() -> Result<()> {
    let account = Account::new().await?;
    let environment = Environment::new("ack").await?;
    let _controller = Controller::start(&environment, &account)?;
    let delivery = &environment.delivery;

    delivery.deploy("dev", "one")?;
    account.serves("one").await?;
    let function = environment.get(&["functions", "converter-one"])?;
    let name = function["spec"]["name"].as_str().context("no name")?;
    let made = account.aws(&["lambda", "get-function", "--function-name", name])?;
    let image = made["Code"]["ImageUri"].as_str().context("no image")?;
    ensure!(image.contains("@sha256:"), "{image}");
    assert_eq!(image, function["spec"]["code"]["imageURI"]);
    assert_eq!(made["Configuration"]["PackageType"], "Image");

    delivery.deploy("dev", "two")?;
    account.serves("two").await?;
    delivery.run("route", &["--environment", "dev", "--previous"])?;
    account.serves("one").await?;
    assert_eq!(account.functions()?.len(), 2);

    delivery.run("purge", &["--environment", "dev", "--version", "two"])?;
    eventually(
        "the function of what was purged is gone",
        PATIENCE,
        || async {
            let left = account.functions()?;
            Ok((left.len() == 1 && left[0].ends_with("-one")).then_some(()))
        },
    )
    .await
}

/// An account of AWS with what Terraform makes before.
struct Account(Peer);

impl Account {
    async fn new() -> Result<Self> {
        let account = Self(Peer::start(Kind::Moto).await?);
        account.aws(&["sqs", "create-queue", "--queue-name", "platen-dev-work"])?;
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }]});
        let role = ["iam", "create-role", "--role-name", "platen-dev-converter"];
        let trust = ["--assume-role-policy-document", &trust.to_string()];
        account.aws(&[&role[..], &trust[..]].concat())?;
        Ok(account)
    }

    fn aws(&self, arguments: &[&str]) -> Result<Value> {
        let said = run(
            Command::new(tool("aws")?)
                .args(["--endpoint-url", &self.0.url(), "--region", REGION])
                .args(["--output", "json"])
                .args(arguments)
                .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
                .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
                .env("AWS_CONFIG_FILE", "/dev/null")
                .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            "",
        )?;
        serde_json::from_str(&said).with_context(|| format!("{arguments:?}: {said}"))
    }

    fn functions(&self) -> Result<Vec<String>> {
        let all = self.aws(&["lambda", "list-functions"])?;
        let names = list(&all["Functions"]).iter();
        Ok(names
            .filter_map(|function| Some(function["FunctionName"].as_str()?.to_owned()))
            .collect())
    }

    /// Waits until the one mapping that there is leads to the function of this version. A batch of it may
    /// fail in part.
    async fn serves(&self, version: &str) -> Result<()> {
        let what = format!("the queue goes to {version}");
        let mapping = eventually(&what, PATIENCE, || async {
            let all = self.aws(&["lambda", "list-event-source-mappings"])?;
            let [mapping] = list(&all["EventSourceMappings"]) else {
                return Ok(None);
            };
            let function = mapping["FunctionArn"].as_str().unwrap_or_default();
            Ok(function
                .ends_with(&format!("-{version}"))
                .then(|| mapping.clone()))
        })
        .await?;
        assert_eq!(
            mapping["FunctionResponseTypes"],
            json!(["ReportBatchItemFailures"])
        );
        assert_eq!(mapping["State"], "Enabled");
        Ok(())
    }
}

/// Ends when this is dropped.
struct Controller {
    _process: Child,
}

impl Controller {
    fn start(environment: &Environment, account: &Account) -> Result<Self> {
        let program = env::var_os(PROGRAM).map(PathBuf::from).with_context(|| {
            format!("{PROGRAM} is to name the program of ACK's controller for Lambda")
        })?;
        // It keeps what it does once for all in a namespace of its own.
        let system = format!("{}-system", environment.namespace);
        environment.cluster.apply(&json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": system},
        }))?;
        let folder = tempfile::tempdir()?.keep();
        let log = std::fs::File::create(folder.join("log"))?;
        let url = account.0.url();
        let process = guarded(&program, &folder)
            .env("KUBECONFIG", environment.cluster.kubeconfig(User::Admin))
            .env("ACK_SYSTEM_NAMESPACE", &system)
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .arg(format!("--aws-region={REGION}"))
            .arg(format!("--aws-endpoint-url={url}"))
            .arg(format!("--aws-identity-endpoint-url={url}"))
            .arg("--allow-unsafe-aws-endpoint-urls")
            .arg(format!("--watch-namespace={}", environment.namespace))
            .arg("--reconcile-resources=Function,EventSourceMapping")
            // What takes kinds of objects that are not in this cluster.
            .args([
                "--enable-carm=false",
                "--enable-field-export-reconciler=false",
            ])
            .args(["--metrics-addr=127.0.0.1:0", "--healthz-addr=127.0.0.1:0"])
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        Ok(Self { _process: process })
    }
}
