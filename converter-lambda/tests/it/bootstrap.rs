//! The program as a child process.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
};

use platen_tests::{eventually, within};
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};
use uuid::Uuid;

use crate::stack::PATIENCE;

/// A running `bootstrap` with a work directory of its own. Killed when dropped.
pub(crate) struct Bootstrap {
    child: Child,
    pub work_dir: WorkDir,
    log: Output,
    metrics: Output,
}

/// Where the browser may write, and its user may pass.
pub(crate) struct WorkDir(PathBuf);

impl WorkDir {
    pub(crate) fn new() -> Self {
        Self(std::env::temp_dir().join(format!("platen-lambda-tests-{}", Uuid::now_v7())))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        // Nobody may have made it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Lines that the program has written so far.
struct Output {
    lines: Arc<Mutex<Vec<String>>>,
    reading: Option<JoinHandle<()>>,
}

impl Output {
    fn of(stream: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let written = Arc::clone(&lines);
        let reading = tokio::spawn(async move {
            let mut stream = BufReader::new(stream).lines();
            while let Ok(Some(line)) = stream.next_line().await {
                // Shown with the test that fails.
                println!("{line}");
                written.lock().unwrap().push(line);
            }
        });
        Self {
            lines,
            reading: Some(reading),
        }
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    async fn end(&mut self) {
        if let Some(reading) = self.reading.take() {
            reading.await.unwrap();
        }
    }
}

impl Bootstrap {
    /// Starts it with these variables and no others but `PATH`.
    pub(crate) fn start(arguments: &[&str], environment: &[(String, String)]) -> Self {
        let work_dir = WorkDir::new();
        let mut child = Command::new(env!("CARGO_BIN_EXE_bootstrap"))
            .args(arguments)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("PLATEN_WORK_DIR", work_dir.path())
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            log: Output::of(child.stderr.take().unwrap()),
            metrics: Output::of(child.stdout.take().unwrap()),
            child,
            work_dir,
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        let id = self.child.id().unwrap();
        Pid::from_raw(id.cast_signed()).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// How it ended, once it has.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let child = &mut self.child;
        let status = within("program ends", PATIENCE, async { Ok(child.wait().await?) });
        let status = status.await.unwrap();
        self.log.end().await;
        self.metrics.end().await;
        status
    }

    pub(crate) fn said(&self) -> String {
        self.log.lines().join("\n")
    }

    /// Events that were logged so far with this message.
    pub(crate) fn events(&self, message: &str) -> Vec<Value> {
        parsed(&self.log)
            .into_iter()
            .filter(|event| event["message"] == message)
            .collect()
    }

    pub(crate) async fn until_logged(&self, message: &str) {
        eventually(message, PATIENCE, async || {
            Ok((!self.events(message).is_empty()).then_some(()))
        })
        .await
        .unwrap();
    }

    /// Lines about a metric, once there is one.
    pub(crate) async fn metric(&self, name: &str) -> Vec<Value> {
        eventually(name, PATIENCE, async || {
            let mut lines = parsed(&self.metrics);
            lines.retain(|line| !line[name].is_null());
            Ok((!lines.is_empty()).then_some(lines))
        })
        .await
        .unwrap()
    }
}

fn parsed(output: &Output) -> Vec<Value> {
    let lines = output.lines();
    lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}
