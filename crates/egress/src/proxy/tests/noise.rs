//! Bytes that no browser sends: whatever they are, the proxy lives on and connects to nothing that
//! was not vetted.

use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

use super::support::rig;
use crate::testing::{Canary, soon};
use crate::{Budget, Verdict};

/// Panics in our own code. Those of a task would otherwise only be printed.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let ours = |place: &panic::Location<'_>| !place.file().contains("/tests/");
            if info.location().is_some_and(ours) {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            before(info);
        }));
    });
}

/// Parts of requests, sound and unsound; `{}` stands for the canary's address, `@` for its port.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "GET ",
        "POST ",
        "CONNECT ",
        "OPTIONS ",
        "PRI ",
        "get ",
        "G(T ",
        " ",
        "\t",
        "http://{}/",
        "http://{}",
        "https://{}/",
        "HTTP://{}/a?b#c",
        "{}",
        "{}:",
        "//{}/",
        "/",
        "*",
        "http://inside.example.com:@/",
        "inside.example.com:@",
        "http://u:p@{}/",
        "http://[::1]:@/",
        "http://[::ffff:127.0.0.1]:@/",
        "http://2130706433:@/",
        "http://0x7f.1:@/",
        "[::1]:@",
        "http://127.0.0.1.:@/",
        "http://%31%32%37.0.0.1:@/",
        "0177.0.0.1:@",
        "http://\u{ff11}27.0.0.1:@/",
        " HTTP/1.1\r\n",
        " HTTP/1.0\r\n",
        " HTTP/2.0\r\n",
        " HTTP/1.1\n",
        " HTTP/1.1 \r\n",
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        "Host: {}\r\n",
        "Host: example.com\r\n",
        "Host:{}\r\n",
        "host : {}\r\n",
        "Host: \r\n",
        "Content-Length: 5\r\n",
        "Content-Length: 0\r\n",
        "Content-Length: -1\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "TE: trailers\r\n",
        "Connection: close\r\n",
        "Connection: upgrade, host\r\n",
        "Upgrade: websocket\r\n",
        "Expect: 100-continue\r\n",
        "Proxy-Connection: keep-alive\r\n",
        "X: \0\r\n",
        " folded\r\n",
        "0\r\n\r\n",
        "5\r\nhello\r\n",
        "GET http://{}/ HTTP/1.1\r\nHost: {}\r\n\r\n",
        "CONNECT {} HTTP/1.1\r\nHost: {}\r\n\r\n",
        "CONNECT inside.example.com:@ HTTP/1.1\r\nHost: inside.example.com:@\r\n\r\n",
    ])
    .prop_map(|text: &str| text.as_bytes().to_vec());
    prop_oneof![
        8 => known,
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

/// The parts with the canary's place in them.
fn aimed(parts: &[Vec<u8>], canary: &Canary) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        match str::from_utf8(part) {
            Ok(text) => {
                let text = text.replace("{}", &canary.addr().to_string());
                bytes.extend(text.replace('@', &canary.port().to_string()).bytes());
            }
            Err(_) => bytes.extend(part),
        }
    }
    bytes
}

proptest! {
    #[test]
    fn noise_harms_nobody(parts in prop::collection::vec(part(), 0..14), pieces in 1..4_usize) {
        count_panics();
        let before = PANICS.load(Ordering::SeqCst);
        Runtime::new().unwrap().block_on(async {
            let canary = Canary::new();
            let script: &[(&str, &[&[&str]])] = &[("inside.example.com.", &[&["127.0.0.1"]])];
            // The port is open, so that only the address stands in the way.
            let allow = format!("203.0.113.1:{}", canary.port());
            let rig = rig(&allow, script, Budget::default()).await;
            let bytes = aimed(&parts, &canary);

            let mut browser = rig.browser().await;
            for piece in bytes.chunks(bytes.len().div_ceil(pieces).max(1)) {
                // The proxy may have had enough already.
                if browser.0.write_all(piece).await.is_err() {
                    break;
                }
            }
            let _ = browser.0.shutdown().await;
            let mut answers = Vec::new();
            let _ = soon(browser.0.read_to_end(&mut answers)).await;
            let answers = String::from_utf8_lossy(&answers);
            assert!(!answers.contains("HTTP/1.1 2"), "{answers}");

            assert_eq!(rig.job.report().connections, 0);
            canary.assert_untouched();
            let place = canary.addr();
            let sound = format!("GET http://{place}/ HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n");
            rig.ask(&sound).await.assert_refused(Verdict::Blocked);
        });
        prop_assert_eq!(PANICS.load(Ordering::SeqCst), before);
    }
}
