//! The OpenAPI document against the running product, in a network without a way out: some requests name
//! pages on the internet, and the product goes and looks.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use platen_tests::{Answer, Server, ServerBuilder, Site, offline};
use reqwest::Method;
use serde_json::Value;
use tokio::process::Command;

/// Set in the second run.
const INSIDE: &str = "PLATEN_CONTRACT_INSIDE";

/// How many requests are made up for each operation, beside those that its schema suggests.
const CASES: &str = "PLATEN_CASES";

/// Enough to see every operation in every way that it can be wrong, within a minute.
const FEW: &str = "10";

/// As the product serves it, which a test of its own holds.
const DOCUMENT: &str = include_str!("../../docs/openapi.json");

/// The settings of Schemathesis, and what it has to know.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi");

/// Schemathesis makes up requests, right and wrong ones, alone and in sequences, and holds every answer
/// against the document.
#[tokio::test]
async fn no_request_of_any_shape_breaks_the_contract() -> Result<()> {
    if !is_offline("no_request_of_any_shape_breaks_the_contract").await? {
        return Ok(());
    }
    let site = Site::start().await?;
    let server = unlimited(&site).start().await?;
    let cases = env::var(CASES).unwrap_or_else(|_| FEW.to_owned());
    let kept = tempfile::tempdir()?;
    let run = Command::new(schemathesis().await?)
        .args(["--config-file", "schemathesis.toml", "run"])
        .arg(format!("{}/api/openapi.json", server.origin()))
        .args(["--max-examples", &cases])
        .current_dir(FOLDER)
        .env("PLATEN_API", format!("{}/api/v1", server.origin()))
        .env("PLATEN_SITE", site.url(""))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("HYPOTHESIS_STORAGE_DIRECTORY", kept.path())
        .stdin(Stdio::null())
        .status()
        .await?;
    ensure!(run.success(), "Schemathesis has found something");
    // What went wrong on our side is an error there, and so is a handler that panicked.
    let log = server.log();
    let wrong: Vec<&str> = log.lines().filter(|line| line.contains("ERROR")).collect();
    ensure!(wrong.is_empty(), "the log has errors: {wrong:#?}");
    ensure!(!log.contains("panicked"), "something panicked: {log}");
    Ok(())
}

/// Who copies an example from the document gets the answer that stands beside it.
#[tokio::test]
async fn every_example_of_a_request_is_answered_as_documented() -> Result<()> {
    if !is_offline("every_example_of_a_request_is_answered_as_documented").await? {
        return Ok(());
    }
    let server = Server::builder().start().await?;
    let nobody = server.client()?;
    let mut examples = examples(&serde_json::from_str(DOCUMENT)?);
    let mut token = String::new();
    // An account first, then a session; a new password ends it.
    let known = ["signUp", "signIn"];
    let rest: Vec<String> = examples
        .keys()
        .filter(|id| !known.contains(&id.as_str()) && *id != "changePassword")
        .cloned()
        .collect();
    let order = known.into_iter().map(str::to_owned).chain(rest);
    for id in order.chain(["changePassword".to_owned()]) {
        let example = examples.remove(&id).with_context(|| format!("no {id}"))?;
        let client = nobody.with_token(&token);
        let call = client.call(example.method, &example.path);
        let answer = Answer::of(call.json(&example.body)).await?;
        let status = answer.status.as_u16();
        ensure!(
            example.success == status,
            "{id}: {status} instead of {}: {}",
            example.success,
            String::from_utf8_lossy(&answer.body)
        );
        if id == "signIn" {
            let session = answer.ok()?;
            token = session["token"].as_str().context("no token")?.to_owned();
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_example_is_what_its_schema_says() -> Result<()> {
    let python = schemathesis().await?.with_file_name("python");
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let run = Command::new(python)
        .args(["examples.py", document])
        .current_dir(FOLDER)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&run.stdout);
    ensure!(
        run.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&run.stderr)
    );
    Ok(())
}

struct Example {
    method: Method,
    path: String,
    body: Value,
    success: u16,
}

/// By operation.
fn examples(document: &Value) -> BTreeMap<String, Example> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path, method, operation))
    });
    operations
        .filter_map(|(path, method, operation)| {
            let content = &operation["requestBody"]["content"]["application/json"];
            let body = content.get("example")?.clone();
            let mut statuses = operation["responses"].as_object()?.keys();
            let success = statuses.find(|status| status.starts_with('2'))?;
            let example = Example {
                method: method.to_uppercase().parse().ok()?,
                path: path.strip_prefix("/api/v1")?.to_owned(),
                body,
                success: success.parse().ok()?,
            };
            Some((operation["operationId"].as_str()?.to_owned(), example))
        })
        .collect()
}

/// Whether this is the run without a way out. If not, there has been one, of this test alone.
#[expect(
    clippy::print_stderr,
    reason = "what a test prints is shown when it fails"
)]
async fn is_offline(test: &str) -> Result<bool> {
    if env::var_os(INSIDE).is_some() {
        return Ok(true);
    }
    let run = Command::from(offline(&env::current_exe()?))
        .args(["--exact", "--nocapture"])
        .arg(format!("contract::{test}"))
        .env(INSIDE, "yes")
        .output()
        .await
        .context("there is no `unshare`: `make test` installs it")?;
    let said = [run.stdout, run.stderr].concat();
    eprintln!("{}", String::from_utf8_lossy(&said));
    ensure!(run.status.success(), "see above");
    Ok(false)
}

/// A server that turns nobody away for asking too often.
fn unlimited(site: &Site) -> ServerBuilder {
    let mut server = Server::builder()
        .allow(site.authority())
        .env("PLATEN_LOG", "warn");
    for limit in [
        "PLATEN_SIGN_UPS_PER_HOUR",
        "PLATEN_SIGN_INS_PER_MINUTE",
        "PLATEN_FILES_PER_USER",
        "PLATEN_REQUESTS_IN_PROGRESS_PER_USER",
    ] {
        server = server.env(limit, "1000000");
    }
    server
}

async fn schemathesis() -> Result<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/peers/program");
    let output = Command::new(script).arg("schemathesis").output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", said.trim());
    let path = String::from_utf8(output.stdout)?;
    Ok(PathBuf::from(path.trim()))
}
