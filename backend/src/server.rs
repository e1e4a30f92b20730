//! Serves a router on a listener, with a limit on every wait.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, extract::Request};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::{ServiceBuilder, ServiceExt};

use crate::http::Peer;

/// Bytes of the head of a request.
const HEAD_BYTES: usize = 64 * 1024;

/// How long to wait when the process has no file descriptor left for a connection.
const BREATHER: Duration = Duration::from_millis(100);

/// Limits of one connection.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// For the whole head of a request, and for the silence between two requests.
    pub header_timeout: Duration,
    /// For a write to make any progress.
    pub write_timeout: Duration,
}

/// Why a listener cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error(
        "{address} is in use by another program: stop it, or set {variable} to another address"
    )]
    InUse {
        address: SocketAddr,
        variable: &'static str,
    },
    #[error("cannot listen on {address}: set {variable} to another address")]
    Other {
        address: SocketAddr,
        variable: &'static str,
        #[source]
        source: io::Error,
    },
}

/// Opens a listener. `variable` is the setting that the address comes from.
pub async fn listen(
    address: SocketAddr,
    variable: &'static str,
) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse { address, variable },
            _ => ListenError::Other {
                address,
                variable,
                source,
            },
        })
}

/// Serves until `stop`; then accepts no more, and returns when every answer that had begun is
/// complete.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: CancellationToken,
) {
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => connect(stream, peer, &router, limits, &graceful),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "connections cannot be accepted");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

fn connect(
    stream: TcpStream,
    peer: SocketAddr,
    router: &Router,
    limits: ConnectionLimits,
    graceful: &GracefulShutdown,
) {
    // Answers are small or streamed in large pieces: waiting to fill a packet only costs time.
    stream.set_nodelay(true).ok();
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write_timeout));
    let service = ServiceBuilder::new()
        .map_request(move |request: Request<hyper::body::Incoming>| {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(Peer(peer));
            request
        })
        .service(
            router
                .clone()
                .into_service::<axum::body::Body>()
                .boxed_clone(),
        );
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(
            TokioIo::new(Box::pin(stream)),
            TowerToHyperService::new(service),
        );
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            // Clients come and go; what went wrong with an answer is logged where it was made.
            tracing::debug!(client.address = %peer.ip(), %error, "connection ended");
        }
    });
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{body::Body, routing::get};
    use bytes::Bytes;
    use futures::StreamExt;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::Notify,
        time::timeout,
    };

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// Tells when the server lets go of an answer.
    struct OnDrop(Arc<Notify>);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }

    struct Server {
        address: SocketAddr,
        stop: CancellationToken,
        task: tokio::task::JoinHandle<()>,
    }

    async fn start(router: Router) -> Server {
        let listener = listen("127.0.0.1:0".parse().unwrap(), "PLATEN_LISTEN")
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let limits = ConnectionLimits {
            header_timeout: Duration::from_millis(200),
            write_timeout: Duration::from_millis(200),
        };
        let task = tokio::spawn(serve(listener, router, limits, stop.clone()));
        Server {
            address,
            stop,
            task,
        }
    }

    /// Sends bytes and reads all that comes until the connection ends.
    async fn exchange(server: &Server, sent: &[u8]) -> String {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .unwrap()
            .unwrap();
        String::from_utf8(answer).unwrap()
    }

    fn hello() -> Router {
        Router::new().route("/", get(async || "hello"))
    }

    #[tokio::test]
    async fn answers_and_knows_the_peer() {
        use axum::Extension;

        let peer = async |Extension(Peer(peer)): Extension<Peer>| peer.ip().to_string();
        let server = start(Router::new().route("/", get(peer))).await;
        let answer = exchange(
            &server,
            b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("127.0.0.1"), "{answer}");
    }

    #[tokio::test]
    async fn who_dawdles_over_a_request_is_cut_off() {
        let server = start(hello()).await;
        for sent in [
            "",
            "GET / HTTP/1.1\r\nhost:",
            "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
        ] {
            let answer = exchange(&server, sent.as_bytes()).await;
            assert_eq!(
                answer.contains("hello"),
                sent.ends_with("\r\n\r\n"),
                "{sent}"
            );
        }
    }

    #[tokio::test]
    async fn who_does_not_take_the_answer_is_cut_off() {
        let ended = Arc::new(Notify::new());
        let notify = Arc::clone(&ended);
        let endless = async move || {
            let guard = OnDrop(notify);
            Body::from_stream(futures::stream::repeat(Bytes::from(vec![0; 65536])).map(
                move |bytes| {
                    let _ = &guard;
                    Ok::<_, io::Error>(bytes)
                },
            ))
        };
        let server = start(Router::new().route("/", get(endless))).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        timeout(PATIENCE, ended.notified()).await.unwrap();
    }

    #[tokio::test]
    async fn stopping_waits_for_answers_that_have_begun() {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let slow = {
            let (begun, go_on) = (begun.clone(), go_on.clone());
            async move || {
                begun.notify_one();
                go_on.notified().await;
                "done"
            }
        };
        let server = start(Router::new().route("/", get(slow))).await;
        let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        timeout(PATIENCE, begun.notified()).await.unwrap();
        server.stop.cancel();
        // The listener is closed before the answer is complete.
        let refused = async {
            while TcpStream::connect(server.address).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, refused).await.unwrap();
        assert!(!server.task.is_finished());
        go_on.notify_one();
        timeout(PATIENCE, server.task).await.unwrap().unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
    }

    #[tokio::test]
    async fn a_taken_port_is_told_with_a_remedy() {
        let taken = listen("127.0.0.1:0".parse().unwrap(), "PLATEN_LISTEN")
            .await
            .unwrap();
        let address = taken.local_addr().unwrap();
        let error = listen(address, "PLATEN_LISTEN")
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("in use") && error.contains("PLATEN_LISTEN"),
            "{error}"
        );
    }
}
