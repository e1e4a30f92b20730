//! Starting a peer and waiting until it listens.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::{Kind, guard};

/// The access key every emulator accepts.
pub const ACCESS_KEY: &str = "test";
/// Its secret. Only [`Kind::S3sFs`] refuses others.
pub const SECRET_KEY: &str = "test";
/// Region they all are in.
pub const REGION: &str = "us-east-1";

/// They are up in less than a second; a machine busy with other tests takes longer.
const START: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);

const ROOT: u32 = 0;
/// User and group that every Linux has for those who own nothing.
const NOBODY: u32 = 65534;

/// Why a peer could not be started.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    #[error("{0}")]
    NotInstalled(String),
    #[error("{peer} could not be run")]
    Run {
        peer: &'static str,
        #[source]
        source: io::Error,
    },
    #[error("{peer} could not be prepared:\n{log}")]
    Prepare { peer: &'static str, log: String },
    #[error("{peer} ended with {status} instead of listening; its log says:\n{log}")]
    Ended {
        peer: &'static str,
        status: ExitStatus,
        log: String,
    },
    #[error("{peer} did not listen within {START:?}; its log says:\n{log}")]
    Silent { peer: &'static str, log: String },
    #[error("{peer} was killed, and something still listens at {address}")]
    Lingers {
        peer: &'static str,
        address: SocketAddr,
    },
}

/// A running peer with its data. When it is dropped, or this process ends, both go.
#[derive(Debug)]
pub struct Peer {
    kind: Kind,
    address: SocketAddr,
    program: PathBuf,
    /// Holds the pipe that keeps the program alive.
    child: Child,
    data: PathBuf,
}

impl Peer {
    pub async fn start(kind: Kind) -> Result<Self, PeerError> {
        let run = |source| PeerError::Run {
            peer: kind.name(),
            source,
        };
        let program = installed(kind).await?;
        // The guard removes it: a test's statics are never dropped.
        let data = TempDir::new().map_err(run)?.keep();
        prepare(kind, &program, &data).await?;
        // Free at this moment, and the kernel does not give the same one twice in a row.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .map_err(run)?;
        let child = spawn(kind, &program, address, &data).map_err(run)?;
        let mut peer = Self {
            kind,
            address,
            program,
            child,
            data,
        };
        peer.listening().await?;
        Ok(peer)
    }

    /// Where it listens: `http://127.0.0.1:port`; of a database, `postgres://postgres@127.0.0.1:port`
    /// or `mysql://root@127.0.0.1:port`, for somebody who may do everything.
    pub fn url(&self) -> String {
        format!("{}{}", self.kind.origin(), self.address)
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it. What it has stored so far stays, for [`restart`](Self::restart).
    pub async fn kill(&mut self) -> Result<(), PeerError> {
        let (peer, address) = (self.kind.name(), self.address);
        guard::end(&mut self.child)
            .await
            .map_err(|source| PeerError::Run { peer, source })?;
        // What else is of its group has the listener, too, and ends a moment after it.
        let deadline = Instant::now() + START;
        while TcpStream::connect(address).await.is_ok() {
            if Instant::now() > deadline {
                return Err(PeerError::Lingers { peer, address });
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Starts it again at the same address, with the data it had if it keeps them on disk.
    pub async fn restart(&mut self) -> Result<(), PeerError> {
        self.kill().await?;
        self.child =
            spawn(self.kind, &self.program, self.address, &self.data).map_err(|source| {
                PeerError::Run {
                    peer: self.kind.name(),
                    source,
                }
            })?;
        self.listening().await
    }

    async fn listening(&mut self) -> Result<(), PeerError> {
        let peer = self.kind.name();
        let deadline = Instant::now() + START;
        while TcpStream::connect(self.address).await.is_err() {
            let ended = self
                .child
                .try_wait()
                .map_err(|source| PeerError::Run { peer, source })?;
            let log = || std::fs::read_to_string(log(&self.data)).unwrap_or_default();
            if let Some(status) = ended {
                let log = log();
                return Err(PeerError::Ended { peer, status, log });
            }
            if Instant::now() > deadline {
                let log = log();
                return Err(PeerError::Silent { peer, log });
            }
            sleep(POLL).await;
        }
        Ok(())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Killed and not started again: there is no guard left to do it.
        if self.child.stdin.is_none() {
            let _ = std::fs::remove_dir_all(&self.data);
        }
    }
}

/// Makes the folder that it stores in, and what it expects there.
async fn prepare(kind: Kind, program: &Path, data: &Path) -> Result<(), PeerError> {
    let peer = kind.name();
    let run = |source| PeerError::Run { peer, source };
    let stored = data.join("data");
    std::fs::create_dir(&stored).map_err(run)?;
    if unprivileged(kind).map_err(run)? {
        for folder in [data, &stored] {
            chown(folder, Some(NOBODY), Some(NOBODY)).map_err(run)?;
        }
    }
    let Some(mut command) = kind.prepare(program, &stored) else {
        return Ok(());
    };
    command.current_dir(data).stdin(Stdio::null());
    if unprivileged(kind).map_err(run)? {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().await.map_err(run)?;
    if output.status.success() {
        return Ok(());
    }
    let log = [output.stdout, output.stderr].concat();
    let log = String::from_utf8_lossy(&log).into_owned();
    Err(PeerError::Prepare { peer, log })
}

fn spawn(kind: Kind, program: &Path, address: SocketAddr, data: &Path) -> io::Result<Child> {
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(log(data))?;
    let mut command = guard::command(program, data);
    kind.configure(&mut command, address.port(), &data.join("data"));
    if unprivileged(kind)? {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
        .current_dir(data)
        .env("HOME", data)
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
}

fn log(data: &Path) -> PathBuf {
    data.join("log")
}

/// Whether it has to run as somebody else.
fn unprivileged(kind: Kind) -> io::Result<bool> {
    Ok(kind.is_database() && std::fs::metadata("/proc/self")?.uid() == ROOT)
}

/// One place knows versions and folders: the script that installs them.
async fn installed(kind: Kind) -> Result<PathBuf, PeerError> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../scripts/peers/program");
    let output = Command::new(script)
        .arg(kind.name())
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|source| PeerError::Run {
            peer: kind.name(),
            source,
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(PeerError::NotInstalled(said.trim().to_owned()));
    }
    let path = String::from_utf8_lossy(&output.stdout);
    Ok(PathBuf::from(path.trim()))
}
