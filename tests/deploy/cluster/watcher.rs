//! Who watches the Services while releases change: at no moment may one be without ready endpoints.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufReader,
    process::{Child, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::control_plane::{ControlPlane, User};
use crate::object::list;

/// What the Services send requests to, from one change to the next.
#[derive(Default)]
pub(super) struct History {
    /// The ready pods of each slice, by Service and slice.
    slices: BTreeMap<(String, String), BTreeSet<String>>,
    /// The ready pods of each Service after every change that it saw.
    seen: BTreeMap<String, Vec<BTreeSet<String>>>,
}

impl History {
    pub(super) fn take(&mut self, event: &Value) {
        let slice = &event["object"];
        let text = |pointer: &str| {
            slice
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let service = text("/metadata/labels/kubernetes.io~1service-name");
        let key = (service.clone(), text("/metadata/name"));
        if event["type"] == "DELETED" {
            self.slices.remove(&key);
        } else {
            let ready = list(&slice["endpoints"])
                .iter()
                .filter(|endpoint| endpoint["conditions"]["ready"] == true)
                .filter_map(|endpoint| Some(endpoint["targetRef"]["name"].as_str()?.to_owned()));
            self.slices.insert(key, ready.collect());
        }
        let now = self
            .slices
            .iter()
            .filter(|((of, _), _)| *of == service)
            .flat_map(|(_, pods)| pods.iter().cloned())
            .collect();
        self.seen.entry(service).or_default().push(now);
    }

    /// An error if a Service was ever without pods once it had some.
    pub(super) fn unbroken(&self) -> Result<()> {
        ensure!(!self.seen.is_empty(), "nothing was seen");
        for (service, seen) in &self.seen {
            let served = seen.iter().skip_while(|pods| pods.is_empty());
            ensure!(served.clone().count() > 0, "{service} never had a pod");
            ensure!(
                served.clone().all(|pods| !pods.is_empty()),
                "{service} was without endpoints: {seen:?}"
            );
        }
        Ok(())
    }

    /// The versions that have had requests of a Service, in their order. Pods are named by their release.
    pub(super) fn versions(&self, service: &str) -> Vec<String> {
        let mut versions: Vec<String> = Vec::new();
        for pods in self.seen.get(service).into_iter().flatten() {
            let of: BTreeSet<_> = pods
                .iter()
                .filter_map(|pod| pod.split('-').nth(1))
                .collect();
            // Pods of two releases at a time are on the way from one to the next.
            if let Some(version) = of.first().filter(|_| of.len() == 1)
                && versions.last().is_none_or(|last| last != version)
            {
                versions.push((*version).to_owned());
            }
        }
        versions
    }
}

pub(super) struct Watcher {
    kubectl: Child,
    history: Arc<Mutex<History>>,
    reading: Option<JoinHandle<()>>,
}

impl Watcher {
    pub(super) fn start(cluster: &ControlPlane, namespace: &str) -> Result<Self> {
        let arguments = [
            "--namespace",
            namespace,
            "get",
            "endpointslices",
            "--watch",
            "--output-watch-events",
            "--output",
            "json",
        ];
        let mut kubectl = cluster
            .kubectl(User::Admin, &arguments)?
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = kubectl.stdout.take().context("there is no output")?;
        let history = Arc::<Mutex<History>>::default();
        let writing = Arc::clone(&history);
        let reading = thread::spawn(move || {
            let mut events = serde_json::Deserializer::from_reader(BufReader::new(output));
            // It ends in the middle of nothing when kubectl is stopped.
            while let Ok(event) = Value::deserialize(&mut events) {
                writing
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take(&event);
            }
        });
        Ok(Self {
            kubectl,
            history,
            reading: Some(reading),
        })
    }

    /// What has been seen so far.
    pub(super) fn look<T>(&self, at: impl FnOnce(&History) -> T) -> T {
        at(&self.history.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.kubectl.kill();
        let _ = self.kubectl.wait();
        if let Some(reading) = self.reading.take() {
            let _ = reading.join();
        }
    }
}

#[test]
fn a_moment_without_endpoints_is_noticed() -> Result<()> {
    let event = |kind: &str, slice: &str, pods: &[&str]| {
        let endpoints: Vec<_> = pods
            .iter()
            .map(|pod| serde_json::json!({"conditions": {"ready": true}, "targetRef": {"name": pod}}))
            .collect();
        serde_json::json!({"type": kind, "object": {
            "metadata": {"name": slice, "labels": {"kubernetes.io/service-name": "backend"}},
            "endpoints": endpoints,
        }})
    };
    let mut history = History::default();
    assert!(history.unbroken().is_err());
    // Empty when it is made.
    history.take(&event("ADDED", "a", &[]));
    history.take(&event("MODIFIED", "a", &["backend-one-x", "backend-one-y"]));
    history.take(&event("ADDED", "b", &["backend-two-z"]));
    history.take(&event("DELETED", "a", &[]));
    history.unbroken()?;
    assert_eq!(history.versions("backend"), ["one", "two"]);

    history.take(&event("MODIFIED", "b", &[]));
    history.take(&event("MODIFIED", "b", &["backend-two-z"]));
    assert!(
        history
            .unbroken()
            .is_err_and(|error| error.to_string().contains("was without endpoints"))
    );
    Ok(())
}
