//! Plain HTTP through the proxy: what browsers and origins do, and what must come out.

use tokio::io::AsyncWriteExt;

use super::support::{Act, Origin, rig, rig_for};
use crate::testing::soon;
use crate::{Budget, Verdict};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn an_allowed_origin_is_reached_and_the_traffic_counted() {
    const ANSWER: &str = "HTTP/1.1 200 Fine\r\nX-Case: Kept\r\nContent-Length: 5\r\n\r\nhello";
    let mut origin = Origin::new(&[Act::Say(ANSWER)]).await;
    let rig = rig_for(&origin).await;
    let request = format!(
        "GET http://{0}/a?b HTTP/1.1\r\nHost: {0}\r\nUser-Agent: x\r\nConnection: close\r\n\r\n",
        origin.addr
    );
    let answer = rig.ask(&request).await;
    assert_eq!((answer.status(), answer.body()), (200, "hello"));
    assert!(answer.0.contains("\r\nX-Case: Kept\r\n"), "{answer:?}");
    let seen = origin.request().await;
    assert_eq!(
        seen,
        format!(
            "GET /a?b HTTP/1.1\r\nHost: {}\r\nUser-Agent: x\r\n\r\n",
            origin.addr
        )
    );
    let report = rig.job.report();
    assert_eq!(report.bytes_up, seen.len() as u64);
    assert_eq!(report.bytes_down, ANSWER.len() as u64);
    assert_eq!((report.connections, report.refused), (1, 0));
}

#[tokio::test]
async fn connections_are_kept_on_both_sides_and_resolved_once() {
    let mut origin = Origin::new(&[Act::Say(OK)]).await;
    let rig = rig(
        &format!("site.test:{}", origin.port()),
        &[("site.test", &[&["127.0.0.1"]])],
        Budget::default(),
    )
    .await;
    let authority = format!("site.test:{}", origin.port());
    let mut browser = rig.browser().await;
    for path in ["/1", "/2", "/3"] {
        let request = format!("GET http://{authority}{path} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        let answer = browser.ask(&request).await;
        assert_eq!((answer.status(), answer.body()), (200, "ok"));
        assert!(origin.request().await.starts_with(&format!("GET {path} ")));
    }
    assert_eq!(origin.connections(), 1);
    assert_eq!(rig.resolver.asked(), ["site.test"]);
}

#[tokio::test]
async fn one_browser_connection_may_carry_requests_for_many_origins() {
    let first = Origin::new(&[Act::Say(OK)]).await;
    let second = Origin::new(&[Act::Say("HTTP/1.1 204 No Content\r\n\r\n")]).await;
    let rig = rig(
        &format!("{},{}", first.addr, second.addr),
        &[],
        Budget::default(),
    )
    .await;
    let mut browser = rig.browser().await;
    for (addr, status) in [(first.addr, 200), (second.addr, 204), (first.addr, 200)] {
        let answer = browser
            .ask(&format!(
                "GET http://{addr}/ HTTP/1.1\r\nHost: {addr}\r\n\r\n"
            ))
            .await;
        assert_eq!(answer.status(), status);
    }
    assert_eq!((first.connections(), second.connections()), (1, 1));
}

#[tokio::test]
async fn every_framing_of_an_answer_comes_out_whole() {
    for (what, answer, body) in [
        ("length", Act::Say(OK), "ok"),
        (
            "chunks",
            Act::Say(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n",
            ),
            "ok",
        ),
        ("until close", Act::Close("HTTP/1.1 200 OK\r\n\r\nok"), "ok"),
        ("HTTP/1.0", Act::Close("HTTP/1.0 200 OK\r\n\r\nok"), "ok"),
        (
            "length and chunks",
            Act::Say(
                "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            ),
            "ok",
        ),
        (
            "interim answers",
            Act::Say(
                "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            ),
            "ok",
        ),
        (
            "empty",
            Act::Say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            "",
        ),
        (
            "not found",
            Act::Say("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nok"),
            "ok",
        ),
    ] {
        let origin = Origin::new(Box::leak(Box::new([answer]))).await;
        let rig = rig_for(&origin).await;
        let answer = rig.ask(&origin.get("/")).await;
        let text = match answer.header("transfer-encoding") {
            Some("chunked") => dechunk(answer.body()),
            _ => answer.body().to_owned(),
        };
        assert_eq!(text, body, "{what}: {answer:?}");
        assert!(answer.0.starts_with("HTTP/1.1 "), "{what}: {answer:?}");
    }
}

fn dechunk(mut body: &str) -> String {
    let mut text = String::new();
    loop {
        let (size, rest) = body.split_once("\r\n").expect("a chunk");
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return text;
        }
        text.push_str(&rest[..size]);
        body = rest[size..].strip_prefix("\r\n").unwrap();
    }
}

#[tokio::test]
async fn a_cut_answer_is_not_passed_off_as_whole() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
    ] {
        let origin = Origin::new(Box::leak(Box::new([Act::Close(answer)]))).await;
        let rig = rig_for(&origin).await;
        let answer = rig.ask(&origin.get("/")).await;
        assert!(answer.body().contains("ok"), "{answer:?}");
        assert_ne!(answer.header("content-length"), Some("2"));
        assert!(!answer.body().ends_with("0\r\n\r\n"), "{answer:?}");
    }
}

#[tokio::test]
async fn answers_without_a_body_keep_their_length_header() {
    let origin = Origin::new(&[
        Act::Say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        Act::Say("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"),
    ])
    .await;
    let rig = rig_for(&origin).await;
    let head = format!(
        "HEAD http://{0}/ HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\n\r\n",
        origin.addr
    );
    let answer = rig.ask(&head).await;
    assert_eq!(
        (
            answer.status(),
            answer.header("content-length"),
            answer.body()
        ),
        (200, Some("1000"), "")
    );
    let answer = rig.ask(&origin.get("/")).await;
    assert_eq!(
        (answer.status(), answer.header("etag"), answer.body()),
        (304, Some("\"x\""), "")
    );
}

#[tokio::test]
async fn bodies_are_sent_on_as_they_come() {
    let mut origin = Origin::new(&[Act::Say(OK)]).await;
    let rig = rig_for(&origin).await;
    let mut browser = rig.browser().await;
    let head = format!(
        "POST http://{0}/ HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\nContent-Length: 10\r\n\r\n",
        origin.addr
    );
    browser.send(&head).await;
    browser.send("01234").await;
    browser.send("56789").await;
    assert_eq!(super::support::Answer(browser.rest().await).status(), 200);
    assert!(origin.request().await.ends_with("\r\n\r\n0123456789"));
}

#[tokio::test]
async fn an_origin_can_neither_switch_protocols_nor_ask_for_proxy_credentials() {
    for answer in [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 2\r\n\r\nok",
    ] {
        let origin = Origin::new(Box::leak(Box::new([Act::Close(answer)]))).await;
        let rig = rig_for(&origin).await;
        rig.ask(&origin.get("/"))
            .await
            .assert_refused(Verdict::ConnectFailed);
        assert_eq!(
            rig.verdict("127.0.0.1", origin.port()),
            Some(Verdict::ConnectFailed),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn an_origin_cannot_speak_in_the_proxys_name() {
    let origin = Origin::new(&[Act::Say(
        "HTTP/1.1 403 Forbidden\r\nPlaten-Egress: blocked\r\nKeep-Alive: timeout=5\r\nConnection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 0\r\n\r\n",
    )])
    .await;
    let rig = rig_for(&origin).await;
    let answer = rig.ask(&origin.get("/")).await;
    assert_eq!(answer.status(), 403);
    for name in [crate::VERDICT_HEADER, "keep-alive", "x-hop"] {
        assert_eq!(answer.header(name), None, "{answer:?}");
    }
    assert_eq!(rig.job.report().refused, 0);
}

#[tokio::test]
async fn a_kept_connection_that_has_died_is_replaced_where_that_is_safe() {
    let origin = Origin::new(&[
        Act::Say(OK),
        Act::Close(""),
        Act::Say(OK),
        Act::Close(""),
        Act::Say(OK),
    ])
    .await;
    let rig = rig_for(&origin).await;
    let mut browser = rig.browser().await;
    let ask = |method: &str| {
        format!(
            "{method} http://{0}/ HTTP/1.1\r\nHost: {0}\r\nContent-Length: 0\r\n\r\n",
            origin.addr
        )
    };
    assert_eq!(browser.ask(&ask("GET")).await.status(), 200);
    assert_eq!(browser.ask(&ask("GET")).await.status(), 200);
    assert_eq!(origin.connections(), 2);
    // A POST may have had its effect: it is not sent twice.
    browser
        .ask(&ask("POST"))
        .await
        .assert_refused(Verdict::ConnectFailed);
}

#[tokio::test]
async fn a_browser_that_goes_away_takes_its_request_along() {
    let mut origin = Origin::new(&[Act::Hang]).await;
    let rig = rig_for(&origin).await;
    let mut browser = rig.browser().await;
    browser.send(&origin.get("/")).await;
    origin.request().await;
    browser.0.shutdown().await.unwrap();
    drop(browser);
    assert_eq!(origin.request().await, "closed");
}

#[tokio::test]
async fn many_requests_at_once_are_all_answered() {
    let origin = Origin::new(&[Act::Say(OK)]).await;
    let rig = rig_for(&origin).await;
    let asked = (0..100).map(|_| async { rig.ask(&origin.get("/")).await.status() });
    let statuses = soon(futures::future::join_all(asked)).await;
    assert_eq!(statuses, [200; 100]);
    assert!(origin.connections() <= 100);
}
