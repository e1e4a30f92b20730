//! Budgets: bytes, connections, silence.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::support::{Act, Origin, rig};
use crate::testing::soon;
use crate::{Budget, Verdict};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn a_download_beyond_the_budget_is_cut_and_nothing_follows() {
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{}",
        "x".repeat(1_000_000)
    );
    let origin = Origin::new(Box::leak(Box::new([Act::Close(answer.leak())]))).await;
    let budget = Budget {
        bytes: 100_000,
        ..Budget::default()
    };
    let rig = rig(&origin.addr.to_string(), &[], budget).await;
    let answer = rig.ask(&origin.get("/")).await;
    assert!(
        answer.body().len() <= 100_000,
        "{} bytes",
        answer.body().len()
    );
    soon(rig.job.budget_spent()).await;
    assert!(rig.job.report().budget_spent);

    rig.ask(&origin.get("/"))
        .await
        .assert_refused(Verdict::BudgetSpent);
    rig.browser()
        .await
        .connect(origin.addr)
        .await
        .assert_refused(Verdict::BudgetSpent);
    assert_eq!(
        rig.verdict("127.0.0.1", origin.port()),
        Some(Verdict::BudgetSpent)
    );
    assert_eq!(origin.connections(), 1);
}

#[tokio::test]
async fn an_answer_that_exhausts_the_budget_before_its_end_of_head_is_a_refusal() {
    let origin = Origin::new(&[Act::Say(OK)]).await;
    let budget = Budget {
        bytes: 10,
        ..Budget::default()
    };
    let rig = rig(&origin.addr.to_string(), &[], budget).await;
    rig.ask(&origin.get("/"))
        .await
        .assert_refused(Verdict::BudgetSpent);
}

#[tokio::test]
async fn a_tunnel_is_cut_when_any_other_spends_the_budget() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let budget = Budget {
        bytes: 1000,
        ..Budget::default()
    };
    let rig = rig(&addr.to_string(), &[], budget).await;
    let (mut first, mut second) = (rig.browser().await, rig.browser().await);
    assert_eq!(first.connect(addr).await.status(), 200);
    let (mut first_origin, _) = soon(listener.accept()).await.unwrap();
    assert_eq!(second.connect(addr).await.status(), 200);
    let (mut second_origin, _) = soon(listener.accept()).await.unwrap();

    second_origin.write_all(&[0; 1001]).await.unwrap();
    assert_eq!(second.rest().await, "");
    soon(rig.job.budget_spent()).await;
    assert_eq!(first.rest().await, "");
    let ended = soon(first_origin.read(&mut [0; 8])).await;
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
}

#[tokio::test]
async fn uploads_count_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let budget = Budget {
        bytes: 1000,
        ..Budget::default()
    };
    let rig = rig(&addr.to_string(), &[], budget).await;
    let mut browser = rig.browser().await;
    assert_eq!(browser.connect(addr).await.status(), 200);
    browser.send(&"x".repeat(1001)).await;
    soon(rig.job.budget_spent()).await;
    assert_eq!(browser.rest().await, "");
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_freed_ones_are_reused() {
    let origin = Origin::new(&[Act::Say(OK)]).await;
    let budget = Budget {
        connections: 1,
        ..Budget::default()
    };
    let rig = rig(&origin.addr.to_string(), &[], budget).await;
    let mut first = rig.browser().await;
    let get = format!("GET http://{0}/ HTTP/1.1\r\nHost: {0}\r\n\r\n", origin.addr);
    assert_eq!(first.ask(&get).await.status(), 200);
    assert_eq!(rig.browser().await.rest().await, "");
    drop(first);
    // When the proxy notices that the first has gone is its own affair.
    soon(async { while rig.ask(&origin.get("/")).await.status() != 200 {} }).await;
}

#[tokio::test]
async fn a_tunnel_holds_its_place() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let budget = Budget {
        connections: 1,
        ..Budget::default()
    };
    let rig = rig(&addr.to_string(), &[], budget).await;
    let mut browser = rig.browser().await;
    assert_eq!(browser.connect(addr).await.status(), 200);
    let (_origin, _) = soon(listener.accept()).await.unwrap();
    browser.send("x").await;
    assert_eq!(rig.browser().await.rest().await, "");
}

#[tokio::test]
async fn a_silent_origin_is_given_up() {
    let origin = Origin::new(&[Act::Hang]).await;
    let budget = Budget {
        idle_timeout: Duration::from_millis(50),
        ..Budget::default()
    };
    let rig = rig(&origin.addr.to_string(), &[], budget).await;
    let mut browser = rig.browser().await;
    let get = format!("GET http://{0}/ HTTP/1.1\r\nHost: {0}\r\n\r\n", origin.addr);
    browser.ask(&get).await.assert_refused(Verdict::TimedOut);
    assert_eq!(
        rig.verdict("127.0.0.1", origin.port()),
        Some(Verdict::TimedOut)
    );
    assert_eq!(origin.connections(), 1);
}

#[tokio::test]
async fn a_silent_tunnel_is_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let budget = Budget {
        idle_timeout: Duration::from_millis(50),
        ..Budget::default()
    };
    let rig = rig(&addr.to_string(), &[], budget).await;
    let mut browser = rig.browser().await;
    assert_eq!(browser.connect(addr).await.status(), 200);
    let (_origin, _) = soon(listener.accept()).await.unwrap();
    assert_eq!(browser.rest().await, "");
}

#[tokio::test]
async fn jobs_do_not_share_their_budgets() {
    let origin = Origin::new(&[Act::Say(OK)]).await;
    let allow = origin.addr.to_string();
    let poor = rig(
        &allow,
        &[],
        Budget {
            bytes: 1,
            ..Budget::default()
        },
    )
    .await;
    let rich = rig(&allow, &[], Budget::default()).await;
    poor.ask(&origin.get("/"))
        .await
        .assert_refused(Verdict::BudgetSpent);
    assert_eq!(rich.ask(&origin.get("/")).await.status(), 200);
    assert_eq!(rich.job.report().refused, 0);
}

#[tokio::test]
async fn a_head_that_does_not_end_in_time_is_given_up() {
    let budget = Budget {
        idle_timeout: Duration::from_millis(50),
        ..Budget::default()
    };
    let rig = rig("", &[], budget).await;
    let mut browser = rig.browser().await;
    browser
        .send("GET http://example.com/ HTTP/1.1\r\nHost:")
        .await;
    // Closed, with or without a word; without the limit this would wait for ever.
    let rest = browser.rest().await;
    assert!(
        rest.is_empty() || rest.starts_with("HTTP/1.1 408"),
        "{rest}"
    );
}
