use std::sync::Mutex;

use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;
use crate::job::{Budget, Egress};
use crate::testing::{Canary, ClosedPort, Scripted, soon};

fn dialer(policy: &str, resolver: Arc<dyn Resolve>) -> Dialer {
    Dialer {
        policy: Arc::new(policy.parse().unwrap()),
        resolver,
        ledger: Arc::new(Ledger::new(1000)),
        connect_timeout: Duration::from_secs(10),
        idle_timeout: Duration::from_secs(10),
    }
}

fn place(host: &str, port: u16) -> Destination {
    Destination::parse(host, port).unwrap()
}

async fn verdict(dialer: &Dialer, host: &str, port: u16) -> Verdict {
    soon(dialer.dial(&place(host, port)))
        .await
        .expect_err("it was connected")
        .verdict()
}

#[tokio::test]
async fn one_answer_that_is_not_public_refuses_them_all() {
    let canary = Canary::new();
    let resolver = Arc::new(Scripted::new(&[
        ("private.com.", &[&["10.0.0.1"]]),
        ("first.com.", &[&["127.0.0.1", "93.184.216.34"]]),
        (
            "last.com.",
            &[&["93.184.216.34", "2606:4700::1111", "::ffff:127.0.0.1"]],
        ),
        (
            "seventh.com.",
            &[&[
                "1.1.1.1",
                "1.1.1.2",
                "1.1.1.3",
                "1.1.1.4",
                "1.1.1.5",
                "1.1.1.6",
                "127.0.0.1",
            ]],
        ),
        // One allowed, one not: the allowed one must not be dialled either.
        ("half.com.", &[&["127.0.0.1", "127.0.0.2"]]),
    ]));
    // The port is open for one address only, or the answers would not even be asked for.
    let policy = format!("127.0.0.1:{}", canary.port());
    let half = dialer(&policy, resolver.clone());
    assert_eq!(
        verdict(&half, "half.com", canary.port()).await,
        Verdict::Blocked
    );
    let public_only = dialer("", resolver.clone());
    for host in ["private.com", "first.com", "last.com", "seventh.com"] {
        assert_eq!(
            verdict(&public_only, host, 80).await,
            Verdict::Blocked,
            "{host}"
        );
    }
    assert_eq!(resolver.asked().len(), 5);
    canary.assert_untouched();
}

#[tokio::test]
async fn the_address_dialled_is_the_one_vetted_in_the_same_look_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let canary = Canary::at(SocketAddr::new([127, 0, 0, 2].into(), port));
    let resolver = Arc::new(Scripted::new(&[(
        "rebind.com.",
        &[&["127.0.0.1"], &["127.0.0.2"]],
    )]));
    let dialer = dialer(&format!("127.0.0.1:{port}"), resolver.clone());

    let connection = soon(dialer.dial(&place("rebind.com", port))).await.unwrap();
    soon(listener.accept()).await.unwrap();
    assert_eq!(resolver.asked(), ["rebind.com."]);
    drop(connection);

    // The name has moved inside: the next connection looks again and is refused.
    assert_eq!(verdict(&dialer, "rebind.com", port).await, Verdict::Blocked);
    assert_eq!(resolver.asked().len(), 2);
    canary.assert_untouched();
}

#[tokio::test]
async fn what_can_be_refused_without_a_look_up_is() {
    let resolver = Arc::new(Scripted::default());
    let dialer = dialer("", resolver.clone());
    for (host, port) in [
        ("localhost", 80),
        ("x.internal", 443),
        ("wiki", 80),
        ("example.com", 8080),
        ("127.0.0.1", 80),
        ("[::1]", 443),
        ("169.254.169.254", 80),
    ] {
        assert_eq!(
            verdict(&dialer, host, port).await,
            Verdict::Blocked,
            "{host}:{port}"
        );
    }
    assert_eq!(resolver.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn allowed_names_are_looked_up_as_they_are_and_others_fully_qualified() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let resolver = Arc::new(Scripted::new(&[("wiki", &[&["127.0.0.1"]])]));
    let dialer = dialer(&format!("wiki:{port}"), resolver.clone());
    soon(dialer.dial(&place("wiki", port))).await.unwrap();
    assert_eq!(
        verdict(&dialer, "gone.example.com.", 80).await,
        Verdict::DnsFailure
    );
    assert_eq!(resolver.asked(), ["wiki", "gone.example.com."]);
}

#[tokio::test]
async fn no_answers_are_a_failed_look_up() {
    let resolver = Arc::new(Scripted::new(&[("empty.com.", &[&[]])]));
    assert_eq!(
        verdict(&dialer("", resolver), "empty.com", 80).await,
        Verdict::DnsFailure
    );
}

#[tokio::test]
async fn a_closed_port_is_a_failed_connection_and_the_next_address_is_tried() {
    let closed = ClosedPort::new();
    let port = closed.port();
    let resolver = Arc::new(Scripted::new(&[(
        "two.com.",
        &[&["127.0.0.2", "127.0.0.1"]],
    )]));
    let dialer = dialer(&format!("127.0.0.0/8:{port}"), resolver);
    assert_eq!(
        verdict(&dialer, "two.com", port).await,
        Verdict::ConnectFailed
    );
    assert_eq!(dialer.ledger.connections(), 0);

    let listener = closed.listen();
    soon(dialer.dial(&place("two.com", port))).await.unwrap();
    soon(listener.accept()).await.unwrap();
    assert_eq!(dialer.ledger.connections(), 1);
}

/// Never answers.
struct Silent;

impl Resolve for Silent {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_resolver_is_given_up_in_time() {
    let started = Instant::now();
    let dialer = dialer("", Arc::new(Silent));
    let error = dialer.dial(&place("example.com", 80)).await.unwrap_err();
    assert_eq!(error.verdict(), Verdict::TimedOut);
    assert_eq!(started.elapsed(), Duration::from_secs(10));
}

/// Nothing is sent there: the tests bring their own `connect`, which looks at the port only.
fn three() -> [SocketAddr; 3] {
    [1, 2, 3].map(|port| SocketAddr::new([192, 0, 2, 1].into(), port))
}

#[tokio::test(start_paused = true)]
async fn a_silent_address_delays_the_next_by_its_head_start() {
    let started = Instant::now();
    let addresses = three();
    let connected = connect_first(&addresses, |address| async move {
        if address.port() < 3 {
            std::future::pending().await
        } else {
            Ok(address.port())
        }
    });
    assert_eq!(connected.await.unwrap(), 3);
    assert_eq!(started.elapsed(), 2 * STAGGER);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_hands_over_at_once_and_the_slow_one_may_still_win() {
    let started = Instant::now();
    let tried = Mutex::new(Vec::new());
    let addresses = three();
    let connected = connect_first(&addresses, |address| {
        tried.lock().unwrap().push(address.port());
        async move {
            if address.port() == 1 {
                sleep(Duration::from_secs(1)).await;
                Ok(address.port())
            } else {
                Err(io::ErrorKind::ConnectionRefused.into())
            }
        }
    });
    assert_eq!(connected.await.unwrap(), 1);
    assert_eq!(started.elapsed(), Duration::from_secs(1));
    assert_eq!(*tried.lock().unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn all_refusals_are_one_refusal() {
    let refused = |_| async { Err::<(), _>(io::ErrorKind::ConnectionRefused.into()) };
    let error = connect_first(&three(), refused).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    let error = connect_first(&[], refused).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
}

#[tokio::test]
async fn a_client_of_this_program_is_held_to_the_same_rules() {
    let canary = Canary::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let open = listener.local_addr().unwrap().port();
    let resolver = Arc::new(Scripted::new(&[
        ("inside.com.", &[&["127.0.0.1"]]),
        ("allowed.com", &[&["127.0.0.1"]]),
    ]));
    // The port is open for another address, or the name would not even be looked up.
    let policy = format!("allowed.com:{open},127.0.0.2:{}", canary.port());
    let egress = Egress::new(policy.parse().unwrap(), resolver);
    let budget = Budget::default();
    for host in ["127.0.0.1", "inside.com"] {
        let place = place(host, canary.port());
        let refused = soon(egress.connect(&place, budget)).await;
        let verdict = refused.expect_err("it was connected").verdict();
        assert_eq!(verdict, Verdict::Blocked, "{host}");
    }
    canary.assert_untouched();
    let allowed = soon(egress.connect(&place("allowed.com", open), budget)).await;
    assert!(allowed.is_ok(), "{allowed:?}");
}
