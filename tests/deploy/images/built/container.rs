//! A container as a cluster that trusts nobody runs it: not as root, with a root file system that nobody
//! writes, no capability, and no way to get any.

use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use platen_tests::eventually;

use super::build::with_images;
use crate::tools::{attempt, run};

/// What every container of these tests is started with, and more.
pub(super) const RESTRICTED: [&str; 5] = [
    "--network=host",
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
];

const START: Duration = Duration::from_mins(1);

/// A running container, removed when dropped.
pub(super) struct Container {
    name: String,
}

impl Container {
    /// Starts one, with what of `options` is podman's and then the image and its arguments.
    pub(super) fn start(
        name: &str,
        image: &[&str],
        options: &[&str],
        environment: &[(&str, String)],
    ) -> Result<Self> {
        static CONTAINERS: AtomicU32 = AtomicU32::new(0);
        let count = CONTAINERS.fetch_add(1, Ordering::Relaxed);
        let container = Self {
            name: format!("platen-{name}-{count}"),
        };
        let mut command = with_images("podman");
        command
            // One that a killed test has left behind is replaced.
            .args(["run", "--detach", "--replace", "--name", &container.name])
            .args(RESTRICTED)
            .args(options);
        for (name, value) in environment {
            command.arg(format!("--env={name}={value}"));
        }
        run(command.args(image), "")?;
        Ok(container)
    }

    fn podman(&self, arguments: &[&str]) -> Result<(bool, String, String)> {
        let mut command = with_images("podman");
        attempt(command.args(arguments).arg(&self.name), "")
    }

    /// What podman knows of it.
    fn state(&self, field: &str) -> Result<String> {
        let (known, value, errors) =
            self.podman(&["inspect", &format!("--format={{{{.State.{field}}}}}")])?;
        ensure!(known, "{} has no {field}: {errors}", self.name);
        Ok(value.trim().to_owned())
    }

    /// Waits until its own health check says that it is well.
    pub(super) async fn healthy(&self) -> Result<()> {
        let what = format!("{} is healthy", self.name);
        let healthy = eventually(&what, START, async || {
            self.podman(&["healthcheck", "run"])?;
            Ok((self.state("Health.Status")? == "healthy").then_some(()))
        });
        healthy.await.with_context(|| self.log())
    }

    /// What it has printed so far.
    pub(super) fn log(&self) -> String {
        match self.podman(&["logs"]) {
            Ok((_, output, errors)) => format!("the log of {}:\n{output}{errors}", self.name),
            Err(error) => format!("{} has no log: {error:#}", self.name),
        }
    }

    /// An error unless the kernel holds its processes as they were asked to be held.
    pub(super) fn check_restricted(&self) -> Result<()> {
        let pid = self.state("Pid")?;
        let of_process = |file: &str| {
            let path = format!("/proc/{pid}/{file}");
            fs::read_to_string(&path).with_context(|| format!("{path}: {}", self.log()))
        };
        let status = of_process("status")?;
        for line in [
            "Uid:\t10001\t10001\t10001\t10001",
            "Gid:\t10001\t10001\t10001\t10001",
            "CapEff:\t0000000000000000",
            "CapBnd:\t0000000000000000",
            "NoNewPrivs:\t1",
            // By a filter.
            "Seccomp:\t2",
        ] {
            let there = status.lines().any(|one| one == line);
            ensure!(there, "{} has no {line:?}:\n{status}", self.name);
        }
        let mounts = of_process("mountinfo")?;
        let root = mounts
            .lines()
            .map(|line| line.split(' ').collect::<Vec<_>>())
            .find(|fields| fields.get(4) == Some(&"/"))
            .context("it has no root")?;
        ensure!(
            root.get(5).is_some_and(|options| options.starts_with("ro")),
            "the root of {} can be written: {root:?}",
            self.name
        );
        Ok(())
    }

    /// Tells it to end, and expects it to do so of itself and content.
    pub(super) fn stop(self) -> Result<()> {
        let (stopped, _, errors) = self.podman(&["stop", "--time=30"])?;
        ensure!(stopped, "{}: {errors}", self.name);
        let code = self.state("ExitCode")?;
        ensure!(code == "0", "it ended with {code}: {}", self.log());
        Ok(())
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // It is not there when it could not be started.
        let _ = self.podman(&["rm", "--force", "--time=0", "--ignore"]);
    }
}
