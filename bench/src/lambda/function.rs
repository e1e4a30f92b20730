//! An environment of the function, and what an event-source mapping brings it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use lambda_simulator::{InvocationBuilder, InvocationStatus, Simulator};
use platen_api_types::UserId;
use platen_pipeline::{Clock as _, FileIndex as _, FileKey, FileState, Message, SystemClock};
use platen_pipeline_aws::DynamoIndex;
use platen_tests::{Cloud, within};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use uuid::Uuid;

use crate::{
    resources::{aws, new_file, queued},
    site::Site,
};

/// Longest that an invocation may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// How exactly the moment is known at which a PDF was stored.
const RESOLUTION: Duration = Duration::from_millis(1);

/// Memory of the function, in MB: the least that its README advises.
pub(crate) const MEMORY_MB: u32 = 2048;

/// How long it took, from the event or the start of the process, whichever came later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Invocation {
    /// The emulator of S3 has said that it has the PDF.
    pub(crate) stored: Duration,
    /// The function has answered, which is what AWS charges for.
    pub(crate) answered: Duration,
}

/// A running function. Dropped, it is killed with everything it started in its process group.
pub(crate) struct Function<'a> {
    cloud: &'a Cloud,
    url: String,
    index: DynamoIndex,
    user: UserId,
    simulator: Simulator,
    child: Option<Child>,
    command: Command,
    _work_dir: TempDir,
}

impl<'a> Function<'a> {
    /// Starts one and has it answer an event that came before it.
    pub(super) async fn cold(
        cloud: &'a Cloud,
        site: &Site,
        chromium: &Path,
    ) -> anyhow::Result<Invocation> {
        Self::prepare(cloud, site, chromium).await?.invoked().await
    }

    /// One that has answered an event.
    pub(crate) async fn start(
        cloud: &'a Cloud,
        site: &Site,
        chromium: &Path,
    ) -> anyhow::Result<Self> {
        let mut function = Self::prepare(cloud, site, chromium).await?;
        function.child = Some(function.command.spawn()?);
        function.invoke().await?;
        Ok(function)
    }

    async fn prepare(cloud: &'a Cloud, site: &Site, chromium: &Path) -> anyhow::Result<Self> {
        let simulator = Simulator::builder().memory_size_mb(MEMORY_MB).build();
        let simulator = simulator.await?;
        let work_dir = work_dir()?;
        let mut command = Command::new(program()?);
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(simulator.lambda_env_vars())
            .envs(cloud.env())
            .env("PLATEN_CHROMIUM", chromium)
            .env("PLATEN_WORK_DIR", work_dir.path().join("work"))
            .env("PLATEN_EGRESS_ALLOW", site.authority())
            // One message per invocation, so there is no use for more.
            .env("PLATEN_CONCURRENCY", "1")
            // As Lambda makes it necessary, and as the command line is run.
            .env("PLATEN_ALLOW_NO_SANDBOX", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let (_, index) = aws(cloud).await?;
        Ok(Self {
            cloud,
            url: site.url_of(0),
            index,
            user: UserId::from_uuid(Uuid::now_v7()),
            simulator,
            child: None,
            command,
            _work_dir: work_dir,
        })
    }

    /// Starts the process with an event waiting.
    async fn invoked(mut self) -> anyhow::Result<Invocation> {
        let (key, event) = self.event().await?;
        let stored_before = self.stored();
        let request = self.simulator.enqueue(event).await;
        let started = Instant::now();
        self.child = Some(self.command.spawn()?);
        self.answered(key, &request, started, stored_before).await
    }

    /// Has it work off a new request.
    pub(crate) async fn invoke(&self) -> anyhow::Result<Invocation> {
        let (key, event) = self.event().await?;
        let stored_before = self.stored();
        let started = Instant::now();
        let request = self.simulator.enqueue(event).await;
        self.answered(key, &request, started, stored_before).await
    }

    async fn answered(
        &self,
        key: FileKey,
        request: &str,
        started: Instant,
        stored_before: u64,
    ) -> anyhow::Result<Invocation> {
        let stored = within("a PDF is stored", PATIENCE, async {
            let mut looks = tokio::time::interval(RESOLUTION);
            while self.stored() == stored_before {
                looks.tick().await;
            }
            Ok(started.elapsed())
        });
        let answered = within("the function answers", PATIENCE, async {
            let state = self
                .simulator
                .wait_for_invocation_complete(request, PATIENCE)
                .await?;
            let took = started.elapsed();
            ensure!(
                state.status == InvocationStatus::Success,
                "{:?}",
                state.error
            );
            let answer = state.response.context("no answer")?.payload;
            ensure!(
                answer == json!({ "batchItemFailures": [] }),
                "the message was left: {answer}"
            );
            Ok(took)
        });
        let (stored, answered) = tokio::try_join!(stored, answered)?;
        let record = self.index.get(key).await?.context("the file is gone")?;
        ensure!(
            matches!(record.state, FileState::Ready { .. }),
            "not ready: {:?}",
            record.state
        );
        Ok(Invocation { stored, answered })
    }

    /// A request, and the event that the mapping would make of its message.
    async fn event(&self) -> anyhow::Result<(FileKey, lambda_simulator::Invocation)> {
        let key = queued(&self.index, new_file(self.user, &self.url)).await?;
        let event = InvocationBuilder::new()
            .payload(json!({ "Records": [record(key)] }))
            .timeout_ms(u64::try_from(PATIENCE.as_millis())?)
            .build()?;
        Ok((key, event))
    }

    fn stored(&self) -> u64 {
        let counts = self.cloud.s3.counts();
        counts.get("PutObject").copied().unwrap_or_default()
    }
}

impl Drop for Function<'_> {
    fn drop(&mut self) {
        let id = self.child.as_ref().and_then(Child::id);
        let id = id.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(id) = id {
            // It may have just ended by itself, which is as well.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

/// As Lambda shows a message to the function. The receipt is never used: acknowledging is left to
/// the mapping, and nothing here takes so long that it has to be hidden for longer.
fn record(key: FileKey) -> Value {
    let sent = SystemClock.now().as_millisecond();
    json!({
        "messageId": key.file,
        "receiptHandle": "unused",
        "body": Message::convert(key.user, key.file).to_json(),
        "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": sent.to_string() },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:platen",
        "awsRegion": "us-east-1",
    })
}

/// Where the browser may write, and its user may pass.
fn work_dir() -> anyhow::Result<TempDir> {
    use std::os::unix::fs::PermissionsExt as _;

    Ok(tempfile::Builder::new()
        .prefix("platen-bench-")
        .permissions(std::fs::Permissions::from_mode(0o711))
        .tempdir()?)
}

/// `PLATEN_CONVERTER_BIN`, or the release build of this workspace.
fn program() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PLATEN_CONVERTER_BIN").map_or_else(
        || concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release/bootstrap").into(),
        PathBuf::from,
    );
    ensure!(path.is_file(), "no program at {}", path.display());
    Ok(path)
}
