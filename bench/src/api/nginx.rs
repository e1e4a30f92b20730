//! nginx as it is known to be fast: sendfile, no log, connections kept as long as they are used.

use std::{
    fs,
    path::Path,
    process::{Command as Program, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};
use platen_tests::eventually;
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use crate::processes::own_host;

/// Longest that it may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where Debian puts it, which is not on the path of everyone.
const PROGRAM: &str = "/usr/sbin/nginx";

/// One that serves a folder. Dropped, it ends with its workers.
pub(super) struct Nginx {
    process: Child,
    origin: String,
    _folder: TempDir,
}

impl Nginx {
    pub(super) async fn start(root: &Path) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let address = format!("{}:8080", own_host());
        let configuration = folder.path().join("nginx.conf");
        fs::write(&configuration, configure(root, folder.path(), &address))?;
        let process = Command::new(PROGRAM)
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&configuration)
            .arg("-e")
            .arg("stderr")
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {PROGRAM}: scripts/setup.sh bench installs it"))?;
        let mut nginx = Self {
            process,
            origin: format!("http://{address}"),
            _folder: folder,
        };
        eventually("nginx answers", PATIENCE, async || {
            Ok(TcpStream::connect(&address).await.ok())
        })
        .await?;
        if let Some(status) = nginx.process.try_wait()? {
            bail!("nginx has ended with {status}; it says why");
        }
        Ok(nginx)
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.process.id()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let id = self.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw) {
            // It may have just ended by itself, which is as well.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The version, as it says it.
pub(super) fn version() -> anyhow::Result<String> {
    let output = Program::new(PROGRAM)
        .arg("-v")
        .output()
        .with_context(|| format!("running {PROGRAM}: scripts/setup.sh bench installs it"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    Ok(text.trim().trim_start_matches("nginx version: ").to_owned())
}

fn configure(root: &Path, folder: &Path, address: &str) -> String {
    // Its workers would become somebody who must not read the folders.
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    let (root, folder) = (root.display(), folder.display());
    format!(
        "{user}
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=100;
  types {{ application/pdf pdf; }}
  default_type application/json;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen {address}; root {root}; }}
}}
"
    )
}
