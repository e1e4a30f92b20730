//! The web server as its image starts it, and the backend beside it.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{Router, body::Body, extract::Request};
use futures::StreamExt as _;
use platen_tests::eventually;
use reqwest::{Client, Method, RequestBuilder};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::tools::root;

pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Web {
    nginx: Child,
    pub(super) address: SocketAddr,
    client: Client,
    _folder: TempDir,
}

impl Web {
    /// Before a backend of that address, which need not be there.
    pub(super) async fn start(backend: SocketAddr) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let site = folder.path().join("site");
        fs::create_dir_all(site.join("assets"))?;
        for (name, content) in [
            ("index.html", "<html>app"),
            ("favicon.svg", "<svg/>"),
            ("manifest.webmanifest", "{}"),
            ("assets/app-1.js", "plain"),
            ("assets/app-1.js.br", "brotli"),
            ("assets/app-1.js.gz", "gzip"),
            ("assets/app-1.wasm", "wasm"),
        ] {
            fs::write(site.join(name), content)?;
        }
        // nginx gives up root for another user, who has to get here.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(folder.path(), open)?;
        let address = free()?;
        let nginx = Command::new(root().join("frontend/nginx/start"))
            .env("TMPDIR", folder.path())
            .env("PLATEN_SITE", &site)
            .env("PLATEN_LISTEN", address.to_string())
            .env("PLATEN_BACKEND", backend.to_string())
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdout(Stdio::null())
            .spawn()
            .context("nginx is not installed: scripts/setup.sh deploy")?;
        let client = Client::builder().no_proxy().build()?;
        let web = Self {
            nginx,
            address,
            client,
            _folder: folder,
        };
        eventually("nginx answers", PATIENCE, async || {
            let answer = web.get("/healthz").send().await;
            Ok(answer
                .is_ok_and(|answer| answer.status() == 200)
                .then_some(()))
        })
        .await?;
        Ok(web)
    }

    pub(super) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.call(Method::GET, path)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        // Not killed: its workers would go on without it.
        let _ = kill_process(Pid::from_child(&self.nginx), Signal::TERM);
        let _ = self.nginx.wait();
    }
}

pub(crate) fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Answers with what it was asked, under a policy of its own; streams without an end below `/api/stream`.
pub(super) async fn backend() -> Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(async |request: Request| {
        let seen = |name: &str| {
            let value = request.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or("-")
                .to_owned()
        };
        let told = format!(
            "{} {} host={} for={} proto={}",
            request.method(),
            request.uri(),
            seen("host"),
            seen("x-forwarded-for"),
            seen("x-forwarded-proto"),
        );
        let body = if request.uri().path() == "/api/stream" {
            let first = futures::stream::once(async { Ok::<_, std::io::Error>("first") });
            Body::from_stream(first.chain(futures::stream::pending()))
        } else {
            Body::from(told)
        };
        let headers = [
            ("content-security-policy", "default-src 'none'"),
            ("cache-control", "no-store"),
        ];
        (headers, body)
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}
