//! A control plane on loopback, one for all tests, gone when their process is.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use platen_peers::guarded;
use platen_tests::eventually;
use rcgen::{KeyPair, PublicKeyData};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::tools::{attempt, root, run, tool};

const START: Duration = Duration::from_mins(2);
const NODES: usize = 3;
/// What each node has.
pub(super) const NODE_CPUS: usize = 16;

/// Who may do everything, and who may do what `deploy/pipelines/access.yaml` allows.
#[derive(Clone, Copy, Debug)]
pub(super) enum User {
    Admin,
    Delivery,
}

pub(super) struct ControlPlane {
    folder: PathBuf,
    /// They hold the pipes that keep the processes alive.
    processes: Vec<Child>,
}

static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();

pub(super) async fn shared() -> Result<&'static ControlPlane> {
    SHARED.get_or_try_init(ControlPlane::start).await
}

impl ControlPlane {
    async fn start() -> Result<Self> {
        // The guards of the processes remove it.
        let folder = tempfile::Builder::new()
            .prefix("platen-cluster-")
            .tempdir()?
            .keep();
        let [etcd, peers, api] = ports()?;
        let path = |name: &str| folder.join(name).display().to_string();
        let [private, public] = keys()?;
        fs::write(path("service-accounts.key"), private)?;
        fs::write(path("service-accounts.pub"), public)?;
        fs::write(
            path("tokens.csv"),
            "admin,admin,1,system:masters\ndelivery,delivery,2,platen-delivery\n",
        )?;
        for user in [User::Admin, User::Delivery] {
            fs::write(folder.join(user.file()), kubeconfig(user, api).to_string())?;
        }

        let mut started = Self {
            folder: folder.clone(),
            processes: Vec::new(),
        };
        let option = |name: &str, value: &str| format!("--{name}={value}");
        let clients = format!("http://127.0.0.1:{etcd}");
        started.spawn(
            &tool("etcd")?,
            &[
                option("data-dir", &path("etcd-data")),
                option("listen-client-urls", &clients),
                option("advertise-client-urls", &clients),
                option("listen-peer-urls", &format!("http://127.0.0.1:{peers}")),
                option("unsafe-no-fsync", "true"),
            ],
        )?;
        started.spawn(
            &tool("kube-apiserver")?,
            &[
                option("etcd-servers", &clients),
                option("bind-address", "127.0.0.1"),
                option("secure-port", &api.to_string()),
                option("cert-dir", &path("certificates")),
                option("service-account-issuer", "https://platen.test"),
                option("service-account-key-file", &path("service-accounts.pub")),
                option(
                    "service-account-signing-key-file",
                    &path("service-accounts.key"),
                ),
                option("authorization-mode", "RBAC"),
                option("token-auth-file", &path("tokens.csv")),
                option("service-cluster-ip-range", "10.0.0.0/16"),
                // Debian's etcd tells no progress of watches, which streamed lists need. Asked for one all
                // the same, a client would be refused again and again, and wait longer each time.
                option("feature-gates", "WatchList=false"),
            ],
        )?;
        let admin = option("kubeconfig", &path(User::Admin.file()));
        let (alone, unheard) = (option("leader-elect", "false"), option("secure-port", "0"));
        started.spawn(
            &tool("kube-controller-manager")?,
            &[
                admin.clone(),
                alone.clone(),
                unheard.clone(),
                option(
                    "service-account-private-key-file",
                    &path("service-accounts.key"),
                ),
                option("horizontal-pod-autoscaler-sync-period", "1s"),
                // Nobody's heart beats there.
                option("node-monitor-grace-period", "24h"),
            ],
        )?;
        started.spawn(&tool("kube-scheduler")?, &[admin.clone(), alone, unheard])?;
        started.define().await?;
        // Kinds that are not there when it starts are none of its business.
        let stages = root().join("tests/deploy/cluster/stages.yaml");
        started.spawn(
            &tool("kwok")?,
            &[
                admin,
                option("manage-all-nodes", "true"),
                option("server-address", ""),
                option("config", &stages.display().to_string()),
            ],
        )?;
        started.furnish()?;
        Ok(started)
    }

    /// A process that ends when this is dropped.
    fn spawn(&mut self, program: &Path, arguments: &[String]) -> Result<()> {
        let log = fs::File::create(self.folder.join(program.file_name().context("no name")?))?;
        let mut command = guarded(program, &self.folder).into_std();
        command.args(arguments).current_dir(&self.folder);
        command.stdout(log.try_clone()?).stderr(log);
        self.processes.push(command.spawn()?);
        Ok(())
    }

    /// The kinds of objects that controllers of others bring.
    async fn define(&self) -> Result<()> {
        eventually("the API server is ready", START, || async {
            let (ready, _, _) = attempt(
                &mut self.kubectl(User::Admin, &["get", "--raw", "/readyz"])?,
                "",
            )?;
            Ok(ready.then_some(()))
        })
        .await
        .with_context(|| self.log("kube-apiserver"))?;
        let definitions = tool("definitions")?.display().to_string();
        self.admin(&["apply", "--server-side", "--filename", &definitions])?;
        for (group, kind, plural) in [
            ("lambda.services.k8s.aws", "Function", "functions"),
            (
                "lambda.services.k8s.aws",
                "EventSourceMapping",
                "eventsourcemappings",
            ),
        ] {
            self.apply(&definition(group, kind, plural))?;
        }
        self.admin(&[
            "wait",
            "--for=condition=Established",
            "customresourcedefinitions",
            "--all",
            "--timeout=60s",
        ])?;
        // kwok asks for it once, when it starts.
        eventually("ACK's kinds are described", START, || async {
            let described = self.admin(&["get", "--raw", "/openapi/v3"])?;
            Ok(described
                .contains("apis/lambda.services.k8s.aws/v1alpha1")
                .then_some(()))
        })
        .await
    }

    /// Nodes, and what an administrator applies.
    fn furnish(&self) -> Result<()> {
        for number in 0..NODES {
            self.apply(&node(number))?;
        }
        let access = root()
            .join("deploy/pipelines/access.yaml")
            .display()
            .to_string();
        self.admin(&["apply", "--filename", &access])?;
        self.admin(&[
            "wait",
            "--for=condition=Ready",
            "nodes",
            "--all",
            "--timeout=60s",
        ])
        .with_context(|| self.log("kwok"))?;
        Ok(())
    }

    /// The end of what a process said.
    fn log(&self, process: &str) -> String {
        let text = fs::read_to_string(self.folder.join(process)).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(20).collect();
        format!(
            "{process} said:\n{}",
            lines.into_iter().rev().collect::<Vec<_>>().join("\n")
        )
    }

    pub(super) fn kubeconfig(&self, user: User) -> String {
        self.folder.join(user.file()).display().to_string()
    }

    pub(super) fn kubectl(&self, user: User, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(tool("kubectl")?);
        command
            .arg("--kubeconfig")
            .arg(self.kubeconfig(user))
            .args(arguments);
        Ok(command)
    }

    pub(super) fn admin(&self, arguments: &[&str]) -> Result<String> {
        run(&mut self.kubectl(User::Admin, arguments)?, "")
    }

    pub(super) fn apply(&self, object: &Value) -> Result<()> {
        run(
            &mut self.kubectl(User::Admin, &["apply", "--filename", "-"])?,
            &object.to_string(),
        )?;
        Ok(())
    }
}

impl User {
    const fn file(self) -> &'static str {
        match self {
            Self::Admin => "admin.kubeconfig",
            Self::Delivery => "delivery.kubeconfig",
        }
    }

    const fn token(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Delivery => "delivery",
        }
    }
}

/// What tokens of service accounts are signed with, and what checks them.
fn keys() -> Result<[String; 2]> {
    let key = KeyPair::generate()?;
    let pem = |what: &str, der: &[u8]| {
        let text = BASE64_STANDARD.encode(der);
        format!("-----BEGIN {what} KEY-----\n{text}\n-----END {what} KEY-----\n")
    };
    let private = pem("PRIVATE", key.serialized_der());
    Ok([private, pem("PUBLIC", &key.subject_public_key_info())])
}

/// Free at this moment.
fn ports<const N: usize>() -> Result<[u16; N]> {
    let listeners: Vec<_> = (0..N)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<std::io::Result<_>>()?;
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    ensure!(!ports.contains(&0));
    Ok(ports)
}

fn kubeconfig(user: User, port: u16) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": {
            "server": format!("https://127.0.0.1:{port}"),
            // It signs its certificate itself, on loopback.
            "insecure-skip-tls-verify": true,
        }}],
        "users": [{"name": "test", "user": {"token": user.token()}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    })
}

fn node(number: usize) -> Value {
    let resources = json!({"cpu": NODE_CPUS.to_string(), "memory": "64Gi", "pods": "110"});
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": format!("node-{number}"),
            "labels": {
                "kubernetes.io/hostname": format!("node-{number}"),
                "topology.kubernetes.io/zone": format!("zone-{number}"),
            },
        },
        "status": {"allocatable": resources, "capacity": resources},
    })
}

/// A kind of object whose controller is not here, or has more to say of it: any content is taken.
fn definition(group: &str, kind: &str, plural: &str) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.to_lowercase()},
            "versions": [{
                "name": "v1alpha1", "served": true, "storage": true,
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
            }],
        },
    })
}
