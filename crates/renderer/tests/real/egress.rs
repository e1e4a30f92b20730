//! A page cannot reach what its proxy does not let it reach: a canary on another loopback port,
//! which is not allow-listed, sees no connection.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use platen_api_types::{FailureCode, PdfOptions};
use tokio::net::{TcpListener, UdpSocket};

use crate::{
    site::Answer,
    stage::{Stage, run},
};

/// Listens for TCP and UDP on one port and counts.
struct Canary {
    port: u16,
    touched: Arc<AtomicUsize>,
}

impl Canary {
    async fn start() -> Self {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = tcp.local_addr().unwrap().port();
        let udp = UdpSocket::bind(("127.0.0.1", port)).await.unwrap();
        let touched = Arc::new(AtomicUsize::new(0));
        let count = touched.clone();
        tokio::spawn(async move {
            let mut packet = [0; 64];
            loop {
                tokio::select! {
                    _ = tcp.accept() => {}
                    _ = udp.recv_from(&mut packet) => {}
                }
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { port, touched }
    }

    fn untouched(&self) -> bool {
        self.touched.load(Ordering::Relaxed) == 0
    }
}

#[test]
fn nothing_in_a_page_reaches_a_blocked_address() {
    run(async {
        let stage = Stage::shared().await;
        let canary = Canary::start().await;
        let at = format!("127.0.0.1:{}", canary.port);
        let worker = stage.site.serve(Answer::new(
            "text/javascript",
            format!(
                "fetch('http://{at}/worker').catch(() => {{}});
                 try {{ new WebSocket('ws://{at}/worker') }} catch {{}}"
            ),
        ));
        let html = format!(
            "<link rel=stylesheet href='http://{at}/css'><link rel=preconnect href='http://{at}'>
             <link rel=dns-prefetch href='http://{at}'><link rel=prefetch href='http://{at}/p'>
             <link rel=preload as=image href='http://{at}/pre'><link rel=manifest href='http://{at}/m'>
             <style>@import 'http://{at}/import'; body {{ background: url(http://{at}/bg) }}
             @font-face {{ font-family: f; src: url(http://{at}/font) }} p {{ font-family: f }}</style>
             <p>the page itself
             <img src='http://{at}/img' srcset='http://{at}/set 2x'><iframe src='http://{at}/frame'></iframe>
             <iframe srcdoc='<img src=http://{at}/srcdoc>'></iframe><object data='http://{at}/o'></object>
             <embed src='http://{at}/e'><video src='http://{at}/v'></video>
             <svg><image href='http://{at}/svg'/><use href='http://{at}/use#a'/></svg>
             <a ping='http://{at}/ping' href='#x' id=a>a</a><script src='http://{at}/js'></script>
             <form id=f method=post target=hidden action='http://{at}/form'></form><iframe name=hidden></iframe>
             <script>
             a.click(); f.submit();
             fetch('http://{at}/fetch').catch(() => {{}});
             navigator.sendBeacon('http://{at}/beacon', 'x');
             new XMLHttpRequest().open('GET', 'http://{at}/xhr');
             const x = new XMLHttpRequest(); x.open('GET', 'http://{at}/xhr'); x.send();
             new EventSource('http://{at}/events'); new WebSocket('ws://{at}/ws');
             window.open('http://{at}/popup');
             new Worker('{worker}'); try {{ new SharedWorker('{worker}') }} catch {{}}
             const peer = new RTCPeerConnection({{ iceServers: [{{ urls: 'stun:{at}' }},
                {{ urls: 'turn:{at}?transport=tcp', username: 'u', credential: 'c' }}] }});
             peer.createDataChannel('d'); peer.createOffer().then(o => peer.setLocalDescription(o));
             try {{ new WebTransport('https://{at}/wt') }} catch {{}}
             </script>"
        );
        let path = stage.site.serve(Answer::html(html));
        let asked: PdfOptions = serde_json::from_str(r#"{"wait":{"delay_ms":700}}"#).unwrap();
        let pdf = stage.render(&path, asked).await.unwrap();
        assert!(pdf.text().contains("the page itself"));
        assert!(
            pdf.page.refused_requests > 5,
            "{}",
            pdf.page.refused_requests
        );
        assert!(canary.untouched());
    });
}

#[test]
fn no_hop_of_the_page_itself_reaches_a_blocked_address() {
    run(async {
        let stage = Stage::shared().await;
        let canary = Canary::start().await;
        for scheme in ["http", "https"] {
            let to = format!("{scheme}://127.0.0.1:{}/", canary.port);
            for answer in [
                Answer::redirect(&to),
                Answer::redirect(&to).status(301),
                Answer::redirect(&to).status(307),
                Answer::html("<p>x").with("refresh", &format!("0; url={to}")),
                Answer::html(format!(
                    "<meta http-equiv=refresh content='0;url={to}'><p>x"
                )),
                Answer::html(format!("<p>x<script>location = '{to}'</script>")),
                Answer::html(format!(
                    "<p>x<script>onload = () => setTimeout(() => location.replace('{to}'))</script>"
                )),
                Answer::html(format!(
                    "<form method=post action='{to}'></form><script>document.forms[0].submit()</script>"
                )),
            ] {
                let code = stage.failure_of(answer).await;
                assert_eq!(code, FailureCode::DestinationBlocked, "{to}");
            }
        }
        assert!(canary.untouched());
    });
}
