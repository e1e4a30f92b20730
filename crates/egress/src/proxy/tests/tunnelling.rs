//! `CONNECT`: bytes in both directions, and their end.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::support::{Browser, Rig, rig};
use crate::Budget;
use crate::testing::soon;

/// A tunnel through a fresh job: the browser's end and the origin's.
async fn tunnel(budget: Budget) -> (Rig, Browser, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let rig = rig(&addr.to_string(), &[], budget).await;
    let mut browser = rig.browser().await;
    let answer = browser.connect(addr).await;
    assert_eq!(
        (answer.status(), answer.header("content-length")),
        (200, None),
        "{answer:?}"
    );
    let (origin, _) = soon(listener.accept()).await.unwrap();
    (rig, browser, origin)
}

async fn read_exactly(stream: &mut TcpStream, length: usize) -> String {
    let mut bytes = vec![0; length];
    soon(stream.read_exact(&mut bytes)).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn bytes_pass_both_ways_untouched_and_are_counted() {
    let (rig, mut browser, mut origin) = tunnel(Budget::default()).await;
    browser
        .send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n\0\u{ff}")
        .await;
    assert_eq!(
        read_exactly(&mut origin, 40).await,
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n\0\u{ff}"[..40].to_owned()
    );
    origin.write_all(b"answer").await.unwrap();
    assert_eq!(read_exactly(&mut browser.0, 6).await, "answer");
    let report = rig.job.report();
    assert_eq!(
        (report.bytes_up, report.bytes_down, report.connections),
        (40, 6, 1)
    );
}

#[tokio::test]
async fn what_was_sent_behind_the_request_is_not_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let rig = rig(&addr.to_string(), &[], Budget::default()).await;
    let mut browser = rig.browser().await;
    browser
        .send(&format!(
            "CONNECT {addr} HTTP/1.1\r\nHost: {addr}\r\n\r\nearly"
        ))
        .await;
    let (mut origin, _) = soon(listener.accept()).await.unwrap();
    assert_eq!(read_exactly(&mut origin, 5).await, "early");
}

#[tokio::test]
async fn one_side_may_finish_before_the_other() {
    let (_rig, mut browser, mut origin) = tunnel(Budget::default()).await;
    browser.0.shutdown().await.unwrap();
    assert_eq!(soon(origin.read(&mut [0; 8])).await.unwrap(), 0);
    origin.write_all(b"late").await.unwrap();
    assert_eq!(read_exactly(&mut browser.0, 4).await, "late");
    drop(origin);
    assert_eq!(browser.rest().await, "");
}

#[tokio::test]
async fn large_bodies_arrive_whole() {
    let (rig, mut browser, mut origin) = tunnel(Budget::default()).await;
    let sent: Vec<u8> = (0..4_000_000_u32)
        .map(|index| (index % 251) as u8)
        .collect();
    let expected = sent.clone();
    let writer = tokio::spawn(async move { origin.write_all(&sent).await });
    let mut received = vec![0; expected.len()];
    soon(browser.0.read_exact(&mut received)).await.unwrap();
    soon(writer).await.unwrap().unwrap();
    assert!(received == expected, "the bytes differ");
    assert_eq!(rig.job.report().bytes_down, expected.len() as u64);
}

#[tokio::test]
async fn dropping_the_job_ends_its_tunnels_and_its_listener() {
    let (rig, mut browser, mut origin) = tunnel(Budget::default()).await;
    let addr = rig.job.addr();
    drop(rig);
    assert_eq!(browser.rest().await, "");
    let ended = soon(origin.read(&mut [0; 8])).await;
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    // The listener ends as promptly; it is only a matter of when its task is scheduled.
    soon(async {
        while TcpStream::connect(addr).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn closing_the_job_waits_for_the_end() {
    let (rig, mut browser, _origin) = tunnel(Budget::default()).await;
    let addr = rig.job.addr();
    soon(rig.job.close()).await;
    assert!(TcpStream::connect(addr).await.is_err());
    assert_eq!(browser.rest().await, "");
}
