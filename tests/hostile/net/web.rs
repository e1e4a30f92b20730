//! The sites, and what answers at addresses that nobody may reach.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{SITE, SITE_V6};

/// Stands in everything that a forbidden place says, and may stand in no PDF.
pub(crate) const MARKER: &str = "REACHED-THE-INSIDE";

/// Bytes of a request's head; what browsers send is far below.
const HEAD_BYTES: usize = 64 * 1024;

/// One answer of a site.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Web(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// By host and path.
    pages: HashMap<(String, String), Page>,
    reached: Vec<SocketAddr>,
}

impl Web {
    pub(crate) fn publish(&self, host: &str, path: &str, page: Page) {
        let place = (host.to_owned(), path.to_owned());
        self.state().pages.insert(place, page);
    }

    /// The addresses of ours that were connected to.
    pub(crate) fn reached(&self) -> Vec<SocketAddr> {
        self.state().reached.clone()
    }

    pub(crate) fn serve(&self, at: SocketAddr) -> Result<()> {
        let listener = listen(at)?;
        let web = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let web = web.clone();
                tokio::spawn(async move {
                    // A browser that goes away in the middle is no concern of the site's.
                    let _ = web.converse(stream).await;
                });
            }
        });
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request, one answer: the next one is a connection of its own, with a look-up of its own.
    async fn converse(&self, mut stream: TcpStream) -> Result<()> {
        let here = stream.local_addr()?;
        self.state().reached.push(here);
        let mut head = Vec::new();
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            let ended = stream.read_buf(&mut head).await? == 0;
            // Who connects counts as having been here; nobody speaks TLS.
            if ended || head.len() > HEAD_BYTES || head.starts_with(&[0x16]) {
                return Ok(());
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default();
        let host = head
            .lines()
            .find_map(|line| line.strip_prefix("Host: "))
            .unwrap_or_default();
        let page = if is_site(here.ip()) {
            let place = (host.to_owned(), path.to_owned());
            self.state().pages.get(&place).cloned()
        } else {
            Some(inside())
        };
        let page = page.unwrap_or_else(|| Page {
            status: 404,
            body: "There is no such page.".to_owned(),
            ..inside()
        });
        stream.write_all(page.bytes().as_bytes()).await?;
        stream.shutdown().await?;
        // Until the browser has it: closing with bytes unread would take the answer back.
        while stream.read_buf(&mut Vec::with_capacity(1024)).await? > 0 {}
        Ok(())
    }
}

fn listen(at: SocketAddr) -> Result<TcpListener> {
    // Of one family only: the other has a listener of its own at the same port.
    let socket = match at {
        SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
        SocketAddr::V6(_) => {
            let socket = tokio::net::TcpSocket::new_v6()?;
            rustix::net::sockopt::set_ipv6_v6only(&socket, true)?;
            socket
        }
    };
    socket.set_reuseaddr(true)?;
    socket.bind(at)?;
    Ok(socket.listen(1024)?)
}

fn is_site(address: IpAddr) -> bool {
    address == SITE || address == SITE_V6 || address.is_loopback()
}

/// What every forbidden place says, open to all who ask.
fn inside() -> Page {
    Page {
        status: 200,
        kind: "text/html",
        headers: vec![("Access-Control-Allow-Origin", "*".to_owned())],
        body: format!("<h1>{MARKER}</h1>"),
    }
}

impl Page {
    fn bytes(&self) -> String {
        let headers: Vec<String> = self
            .headers
            .iter()
            .map(|(name, value)| {
                format!(
                    "{name}: {value}
"
                )
            })
            .collect();
        format!(
            "HTTP/1.1 {} Said\r\nContent-Type: {}; charset=utf-8\r\nContent-Length: {}\r\n\
             Connection: close\r\n{}\r\n{}",
            self.status,
            self.kind,
            self.body.len(),
            headers.concat(),
            self.body
        )
    }
}
