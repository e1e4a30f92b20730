//! Destinations that must not be reached, in every way a page can ask for them.

use super::support::{Act, Origin, rig, rig_for};
use crate::testing::{Canary, ClosedPort};
use crate::{Budget, Verdict};

#[tokio::test]
async fn a_canary_sees_nothing_of_any_request() {
    let canary = Canary::new();
    let port = canary.port();
    let rig = rig("", &[], Budget::default()).await;
    for host in [
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "127.1",
        "0",
        "localhost",
        "LOCALHOST",
        "x.localhost",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "[::]",
    ] {
        let authority = format!("{host}:{port}");
        let get = format!(
            "GET http://{authority}/ HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
        );
        rig.ask(&get).await.assert_refused(Verdict::Blocked);
        rig.browser()
            .await
            .connect(&authority)
            .await
            .assert_refused(Verdict::Blocked);
        assert_eq!(rig.verdict(host, port), Some(Verdict::Blocked), "{host}");
    }
    canary.assert_untouched();
    let report = rig.job.report();
    assert_eq!(
        (report.bytes_down, report.bytes_up, report.connections),
        (0, 0, 0)
    );
    assert_eq!(report.refused, 22);
}

#[tokio::test]
async fn every_method_is_refused_alike() {
    let canary = Canary::new();
    let rig = rig("", &[], Budget::default()).await;
    for method in [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY",
    ] {
        let request = format!(
            "{method} http://{0}/ HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            canary.addr()
        );
        rig.ask(&request).await.assert_refused(Verdict::Blocked);
    }
    canary.assert_untouched();
}

#[tokio::test]
async fn a_redirect_is_the_browsers_to_follow_and_refused_when_it_does() {
    let canary = Canary::new();
    // The script of an origin is fixed before ports are known; the target only has to be private.
    let origin = Origin::new(&[Act::Say(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
    )])
    .await;
    let rig = rig_for(&origin).await;
    let answer = rig.ask(&origin.get("/")).await;
    assert_eq!(
        (answer.status(), answer.header("location")),
        (302, Some("http://127.0.0.1/"))
    );
    let followed = format!(
        "GET http://{0}/ HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\n\r\n",
        canary.addr()
    );
    rig.ask(&followed).await.assert_refused(Verdict::Blocked);
    assert_eq!(rig.job.report().connections, 1);
    canary.assert_untouched();
}

#[tokio::test]
async fn a_name_that_resolves_inside_is_refused_after_one_look_up() {
    let canary = Canary::new();
    let rig = rig(
        &format!("127.0.0.2:{}", canary.port()),
        &[("evil.com.", &[&["127.0.0.1"]])],
        Budget::default(),
    )
    .await;
    let authority = format!("evil.com:{}", canary.port());
    let get = format!(
        "GET http://{authority}/ HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
    );
    rig.ask(&get).await.assert_refused(Verdict::Blocked);
    assert_eq!(rig.resolver.asked().len(), 1);
    rig.browser()
        .await
        .connect(&authority)
        .await
        .assert_refused(Verdict::Blocked);
    assert_eq!(rig.resolver.asked().len(), 2);
    assert_eq!(
        rig.verdict("evil.com", canary.port()),
        Some(Verdict::Blocked)
    );
    canary.assert_untouched();
}

#[tokio::test]
async fn failures_are_told_apart() {
    let unanswered = ClosedPort::new();
    let closed = unanswered.port();
    let rig = rig(&format!("127.0.0.1:{closed}"), &[], Budget::default()).await;
    let get = |authority: &str| {
        format!(
            "GET http://{authority}/ HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
        )
    };
    let gone = format!("127.0.0.1:{closed}");
    for (authority, verdict) in [
        ("gone.example.com:80", Verdict::DnsFailure),
        (&gone, Verdict::ConnectFailed),
        ("example.com:22", Verdict::Blocked),
    ] {
        rig.ask(&get(authority)).await.assert_refused(verdict);
        rig.browser()
            .await
            .connect(authority)
            .await
            .assert_refused(verdict);
        let (host, port) = authority.rsplit_once(':').unwrap();
        assert_eq!(
            rig.verdict(host, port.parse().unwrap()),
            Some(verdict),
            "{authority}"
        );
    }
    assert_eq!(rig.verdict("never-asked.com", 80), None);
}

#[tokio::test]
async fn a_verdict_is_forgotten_once_the_destination_is_reached() {
    let mut origin = Origin::new(&[
        Act::Close(""),
        Act::Close(""),
        Act::Say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ])
    .await;
    let rig = rig_for(&origin).await;
    // The origin hangs up twice: on the request and on its one repetition.
    rig.ask(&origin.get("/"))
        .await
        .assert_refused(Verdict::ConnectFailed);
    origin.request().await;
    origin.request().await;
    assert_eq!(
        rig.verdict("127.0.0.1", origin.port()),
        Some(Verdict::ConnectFailed)
    );
    assert_eq!(rig.ask(&origin.get("/")).await.status(), 200);
    assert_eq!(rig.verdict("127.0.0.1", origin.port()), None);
}
