//! The converter as a Lambda function behind an event-source mapping, as `MiniStack` runs it.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use platen_peers::{ACCESS_KEY, REGION};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::Process;

/// What a function is made of.
#[derive(Debug)]
pub struct NewFunction<'a> {
    pub name: &'a str,
    pub code: Code<'a>,
    /// Its variables, without a folder for the browser: that one is made here.
    pub environment: Vec<(String, String)>,
    /// Of an invocation. Lambda wants the messages of the queue to be hidden for at least as long.
    pub timeout: Duration,
    /// ARN of the queue it is mapped to.
    pub queue: &'a str,
}

/// What runs when a function is started.
#[derive(Clone, Copy, Debug)]
pub enum Code<'a> {
    /// A program, called `bootstrap` or not.
    Program {
        path: &'a Path,
        /// Signs with these keys, and not with those of its role that the emulator hands out, as Lambda
        /// does: another emulator, of S3, knows one user only.
        keys: Option<(&'a str, &'a str)>,
    },
    /// A shell script, which starts the program in a way of its own.
    Script(&'a str),
}

/// A function that answers the messages of a queue. It ends with the emulator.
#[derive(Debug)]
pub struct Function {
    name: String,
    work_dir: PathBuf,
}

impl Function {
    /// Makes function and mapping on the emulator at `origin`, as the converter's README asks for.
    pub async fn deploy(origin: &str, new: NewFunction<'_>) -> Result<Self> {
        let function = Self {
            name: new.name.to_owned(),
            work_dir: std::env::temp_dir().join(format!("platen-{}", new.name)),
        };
        let mut variables: Map<String, Value> = new
            .environment
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        let work_dir = function.work_dir.display().to_string();
        variables.insert("PLATEN_WORK_DIR".to_owned(), work_dir.into());
        let made = json!({
            "FunctionName": new.name,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Role": "arn:aws:iam::000000000000:role/platen-converter",
            "Timeout": new.timeout.as_secs(),
            "MemorySize": 2048,
            "Code": {"ZipFile": STANDARD.encode(package(new.code).await?)},
            "Environment": {"Variables": variables},
        });
        call(origin, "functions", &made).await?;
        let mapping = json!({
            "FunctionName": new.name,
            "EventSourceArn": new.queue,
            "BatchSize": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        });
        call(origin, "event-source-mappings/", &mapping).await?;
        Ok(function)
    }

    /// Where its browsers keep what they write.
    pub fn work_dir(&self) -> &Path {
        &self.work_dir
    }

    /// The processes that run it now: children of the emulator, which is ours.
    pub fn environments(&self) -> Result<Vec<Process>> {
        let name = format!("AWS_LAMBDA_FUNCTION_NAME={}", self.name);
        let mut running = Process::descendants(std::process::id())?;
        // The browser is started with no such variable.
        running.retain(|process| process.environment().contains(&name));
        Ok(running)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may never have been invoked.
        let _ = std::fs::remove_dir_all(&self.work_dir);
    }
}

/// Lambda's own API; the emulator looks at no signature.
async fn call(origin: &str, path: &str, body: &Value) -> Result<()> {
    let credential = format!("{ACCESS_KEY}/20260101/{REGION}/lambda/aws4_request");
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()?
        .post(format!("{origin}/2015-03-31/{path}"))
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"),
        )
        .json(body)
        .send()
        .await?;
    let status = answer.status();
    let said = answer.text().await?;
    ensure!(status.is_success(), "{path}: {status}: {said}");
    Ok(())
}

/// The code in a zip; a program without the debug information that makes it ten times as large.
async fn package(code: Code<'_>) -> Result<Vec<u8>> {
    let folder = TempDir::new()?;
    let run = async |name: &str, arguments: &[&str]| {
        let mut command = Command::new(name);
        let output = command.args(arguments).current_dir(folder.path()).output();
        let output = output
            .await
            .with_context(|| format!("{name} does not start"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{name}: {said}");
        anyhow::Ok(())
    };
    let strip = async |path: &Path, to: &str| {
        let path = path.to_str().context("a path that is no text")?;
        run("strip", &["-o", to, path]).await
    };
    let bootstrap = folder.path().join("bootstrap");
    let script = |text: &str| {
        std::fs::write(&bootstrap, text)?;
        std::fs::set_permissions(&bootstrap, Permissions::from_mode(0o755))
    };
    let mut zip = vec!["-m", "zipfile", "-c", "function.zip", "bootstrap"];
    match code {
        Code::Program { path, keys: None } => strip(path, "bootstrap").await?,
        Code::Program {
            path,
            keys: Some((id, secret)),
        } => {
            script(&format!(
                "#!/bin/sh\nunset AWS_SESSION_TOKEN\n\
                 export AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret}\n\
                 exec \"$LAMBDA_TASK_ROOT/converter\"\n"
            ))?;
            strip(path, "converter").await?;
            zip.push("converter");
        }
        Code::Script(text) => script(text)?,
    }
    run("python3", &zip).await?;
    Ok(std::fs::read(folder.path().join("function.zip"))?)
}
