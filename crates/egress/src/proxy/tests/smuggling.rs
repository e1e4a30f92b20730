//! Requests that two parsers could read differently.

use tokio::io::AsyncWriteExt;

use super::support::{Act, Origin, rig, rig_for};
use crate::testing::Canary;
use crate::{Budget, Verdict};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Sends each head to a job that may reach a canary, `{}` standing for the canary and `|` for a
/// line break. Each is answered 400, once, and then the connection ends: nothing behind a refused
/// request is read as another.
async fn assert_refused(heads: &[&str]) {
    let canary = Canary::new();
    let place = canary.addr().to_string();
    let rig = rig(&place, &[], Budget::default()).await;
    for head in heads {
        let head = head.replace('|', "\r\n").replace("{}", &place);
        let smuggled = format!("GET http://{place}/smuggled HTTP/1.1\r\nHost: {place}\r\n\r\n");
        let answer = rig.ask(&format!("{head}\r\n\r\n{smuggled}")).await;
        assert_eq!(answer.status(), 400, "{head}: {answer:?}");
        assert_eq!(answer.0.matches("HTTP/1.").count(), 1, "{head}: {answer:?}");
    }
    assert_eq!(rig.job.report().connections, 0);
    canary.assert_untouched();
}

#[tokio::test]
async fn what_is_not_for_a_proxy_is_refused() {
    assert_refused(&[
        "GET / HTTP/1.1|Host: {}",
        "OPTIONS * HTTP/1.1|Host: {}",
        "GET https://{}/ HTTP/1.1|Host: {}",
        "GET http://u:p@{}/ HTTP/1.1|Host: {}",
        "GET http://{}/ HTTP/1.0|Host: {}",
        "GET http://{}/ HTTP/2.0|Host: {}",
        "CONNECT 127.0.0.1 HTTP/1.1|Host: 127.0.0.1",
        "CONNECT http://{}/ HTTP/1.1|Host: {}",
        "CONNECT {} HTTP/1.1|Host: {}|Content-Length: 2",
        "\u{16}\u{3}\u{1}\0\u{5}\u{1}\0\0",
    ])
    .await;
}

#[tokio::test]
async fn a_host_that_is_not_the_targets_is_refused() {
    assert_refused(&[
        "GET http://{}/ HTTP/1.1",
        "GET http://{}/ HTTP/1.1|Host:",
        "GET http://{}/ HTTP/1.1|Host: example.com",
        "GET http://{}/ HTTP/1.1|Host: {}|Host: {}",
        "GET http://{}/ HTTP/1.1|Host: {}|Host: example.com",
        "GET http://{}/ HTTP/1.1|Host : {}",
        "CONNECT {} HTTP/1.1|Host: example.com",
    ])
    .await;
}

#[tokio::test]
async fn ambiguous_framing_is_refused() {
    assert_refused(&[
        "POST http://{}/ HTTP/1.1|Host: {}|Content-Length: 5|Transfer-Encoding: chunked||0|",
        "POST http://{}/ HTTP/1.1|Host: {}|Transfer-Encoding: chunked|Content-Length: 5||0|",
        "POST http://{}/ HTTP/1.1|Host: {}|Transfer-Encoding: chunked||0|",
        "POST http://{}/ HTTP/1.1|Host: {}|Transfer-Encoding: xchunked",
        "POST http://{}/ HTTP/1.1|Host: {}|Transfer-Encoding: chunked, identity",
        "POST http://{}/ HTTP/1.1|Host: {}|Transfer-Encoding : chunked",
        "POST http://{}/ HTTP/1.1|Host: {}|Transfer-Encoding:\u{b}chunked",
        "POST http://{}/ HTTP/1.1|Host: {}|Content-Length: 0|Content-Length: 9",
        "POST http://{}/ HTTP/1.1|Host: {}|Content-Length: 0, 9",
        "POST http://{}/ HTTP/1.1|Host: {}|Content-Length: -1",
        "POST http://{}/ HTTP/1.1|Host: {}|Content-Length: +1",
        "POST http://{}/ HTTP/1.1|Host: {}|Content-Length: 0x1",
        "POST http://{}/ HTTP/1.1|Host: {}|Content-Length: 99999999999999999999",
    ])
    .await;
}

#[tokio::test]
async fn malformed_heads_are_refused() {
    assert_refused(&[
        "GET http://{}/ HTTP/1.1|Host: {}|X: a| b",
        "GET http://{}/ HTTP/1.1|Host: {}|X: a\rb: c",
        "GET http://{}/ HTTP/1.1|Host: {}|X: a\0b",
        "GET http://{}/ HTTP/1.1|Host: {}|nonsense",
        "GET http://{}/ HTTP/1.1| Host: {}",
        "GET http://{}/a b HTTP/1.1|Host: {}",
        "GET http://{}/\u{1} HTTP/1.1|Host: {}",
        "G(T http://{}/ HTTP/1.1|Host: {}",
    ])
    .await;
}

#[tokio::test]
async fn what_follows_a_body_is_a_request_of_its_own_and_judged_as_one() {
    let canary = Canary::new();
    let mut origin = Origin::new(&[Act::Say(OK)]).await;
    let rig = rig_for(&origin).await;
    let inside = format!(
        "GET http://{0}/ HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\n\r\n",
        canary.addr()
    );
    let both = format!(
        "POST http://{0}/ HTTP/1.1\r\nHost: {0}\r\nContent-Length: 4\r\n\r\nbody{inside}",
        origin.addr
    );
    let answers = rig.ask(&both).await;
    assert!(origin.request().await.ends_with("\r\n\r\nbody"));
    assert!(answers.0.starts_with("HTTP/1.1 200 OK"), "{answers:?}");
    assert!(answers.0.contains("HTTP/1.1 403 Forbidden"), "{answers:?}");
    canary.assert_untouched();
}

#[tokio::test]
async fn a_repeated_length_reaches_the_origin_once() {
    let mut origin = Origin::new(&[Act::Say(OK)]).await;
    let rig = rig_for(&origin).await;
    let request = format!(
        "POST http://{0}/ HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
        origin.addr
    );
    assert_eq!(rig.ask(&request).await.status(), 200);
    let seen = origin.request().await.to_lowercase();
    assert_eq!(seen.matches("content-length").count(), 1, "{seen}");
}

#[tokio::test]
async fn hop_by_hop_headers_do_not_reach_the_origin() {
    let mut origin = Origin::new(&[Act::Say(OK)]).await;
    let rig = rig_for(&origin).await;
    let request = format!(
        "GET http://{0}/p?q HTTP/1.1\r\nHost: {0}\r\nConnection: close, X-Hop, Host\r\nX-Hop: 1\r\nKeep-Alive: 1\r\n\
         Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nTE: trailers\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: x\r\nX-End: 2\r\n\r\n",
        origin.addr
    );
    assert_eq!(rig.ask(&request).await.status(), 200);
    let seen = origin.request().await;
    let expected = format!(
        "GET /p?q HTTP/1.1\r\nHost: {}\r\nHTTP2-Settings: x\r\nX-End: 2\r\n\r\n",
        origin.addr
    );
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_head_without_end_is_cut_off() {
    let canary = Canary::new();
    let rig = rig(&canary.addr().to_string(), &[], Budget::default()).await;
    let mut browser = rig.browser().await;
    browser
        .send(&format!(
            "GET http://{0}/ HTTP/1.1\r\nHost: {0}\r\n",
            canary.addr()
        ))
        .await;
    let line = format!("X-Filler: {}\r\n", "x".repeat(8000));
    // Writing fails at some point, or an answer ends the connection: both are an end.
    for _ in 0..64 {
        if browser.0.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    let rest = browser.rest().await;
    assert!(
        rest.is_empty() || rest.starts_with("HTTP/1.1 431"),
        "{rest}"
    );
    assert_eq!(rig.job.report().connections, 0);
    canary.assert_untouched();
}

#[tokio::test]
async fn a_malformed_request_says_so_in_the_header() {
    let rig = rig("", &[], Budget::default()).await;
    let answer = rig.ask("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n").await;
    answer.assert_refused(Verdict::BadRequest);
    assert_eq!(answer.header("connection"), Some("close"));
}
