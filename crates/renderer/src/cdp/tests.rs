//! The transport against a browser that a test plays.

use std::time::Duration;

use headless_chrome::protocol::cdp::{Browser::GetVersion, Page::StopLoading};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex, split};

use super::{CallError, Connection, SessionId, frame::MAX_FRAME};

const METHODS: &[&str] = &["Page.loadEventFired", "Page.frameNavigated"];

/// The browser's end.
struct Played {
    pipe: DuplexStream,
    unread: Vec<u8>,
}

impl Played {
    fn new() -> (Connection, Self) {
        let (ours, theirs) = duplex(1 << 20);
        let (reader, writer) = split(ours);
        let played = Self {
            pipe: theirs,
            unread: Vec::new(),
        };
        (Connection::start(reader, writer), played)
    }

    async fn command(&mut self) -> Value {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == 0) {
                let rest = self.unread.split_off(end + 1);
                let frame = std::mem::replace(&mut self.unread, rest);
                return serde_json::from_slice(&frame[..end]).unwrap();
            }
            let read = self.pipe.read_buf(&mut self.unread).await.unwrap();
            assert!(read > 0, "connection ended");
        }
    }

    async fn say(&mut self, message: &Value) {
        let mut bytes = serde_json::to_vec(message).unwrap();
        bytes.push(0);
        self.pipe.write_all(&bytes).await.unwrap();
    }
}

#[tokio::test]
async fn answers_find_their_calls_in_any_order() {
    let (connection, mut browser) = Played::new();
    let (session, _events) = connection.open_session(&SessionId::from("S"), METHODS);
    let first = session.send(&StopLoading(None));
    let second = session.send(&StopLoading(None));
    let one = browser.command().await;
    let two = browser.command().await;
    assert_eq!(one["method"], "Page.stopLoading");
    assert_eq!(one["sessionId"], "S");
    assert_ne!(one["id"], two["id"]);
    browser
        .say(&json!({"id": two["id"], "error": {"code": -1, "message": "no"}}))
        .await;
    browser.say(&json!({"id": 4711, "result": {}})).await;
    browser.say(&json!({"id": one["id"], "result": {}})).await;
    assert!(first.result().await.is_ok());
    assert!(matches!(
        second.result().await,
        Err(CallError::Refused { code: -1, .. })
    ));
}

#[tokio::test]
async fn an_answer_of_another_shape_is_an_error_of_that_call_alone() {
    let (connection, mut browser) = Played::new();
    let call = connection.root().send(&GetVersion(None));
    let command = browser.command().await;
    assert!(command.get("sessionId").is_none());
    browser
        .say(&json!({"id": command["id"], "result": {"product": 7}}))
        .await;
    assert!(matches!(call.result().await, Err(CallError::Decode { .. })));
    assert!(!connection.is_closed());
}

#[tokio::test(start_paused = true)]
async fn no_answer_is_a_time_out() {
    let (connection, _browser) = Played::new();
    let patience = Duration::from_secs(3);
    let result = connection
        .root()
        .call_within(patience, StopLoading(None))
        .await;
    assert!(matches!(result, Err(CallError::TimedOut { after, .. }) if after == patience));
}

#[tokio::test]
async fn the_end_of_the_browser_fails_calls_before_and_after() {
    let (connection, browser) = Played::new();
    let (session, mut events) = connection.open_session(&SessionId::from("S"), METHODS);
    let before = session.send(&StopLoading(None));
    drop(browser);
    let before = before.result().await;
    assert!(matches!(before, Err(CallError::ConnectionClosed { .. })));
    connection.closed().await;
    assert!(events.recv().await.is_none());
    let after = session.call(StopLoading(None)).await;
    assert!(matches!(after, Err(CallError::ConnectionClosed { .. })));
}

#[tokio::test]
async fn a_session_hears_what_it_subscribed_to_and_nothing_else() {
    let (connection, mut browser) = Played::new();
    let (_, mut events) = connection.open_session(&SessionId::from("S"), METHODS);
    for (session, method) in [
        ("S", "Network.dataReceived"),
        ("other", "Page.loadEventFired"),
        ("S", "Page.loadEventFired"),
        ("S", "Page.frameNavigated"),
    ] {
        browser
            .say(&json!({"sessionId": session, "method": method, "params": {"a": session}}))
            .await;
    }
    let event = events.recv().await.unwrap();
    assert_eq!(event.method, "Page.loadEventFired");
    assert_eq!(event.params.as_ref(), br#"{"a":"S"}"#);
    assert_eq!(events.recv().await.unwrap().method, "Page.frameNavigated");
    assert!(events.try_recv().is_err());
}

#[tokio::test]
async fn a_detached_session_ends_and_its_neighbour_stays() {
    let (connection, mut browser) = Played::new();
    let (gone, mut gone_events) = connection.open_session(&SessionId::from("gone"), METHODS);
    let (stays, _stays_events) = connection.open_session(&SessionId::from("stays"), METHODS);
    let lost = gone.send(&StopLoading(None));
    let kept = stays.send(&StopLoading(None));
    browser.command().await;
    let command = browser.command().await;
    browser
        .say(&json!({"method": "Target.detachedFromTarget", "params": {"sessionId": "gone"}}))
        .await;
    browser
        .say(&json!({"id": command["id"], "result": {}}))
        .await;
    let lost = lost.result().await;
    assert!(matches!(lost, Err(CallError::SessionClosed { .. })));
    assert!(gone_events.recv().await.is_none());
    assert!(kept.result().await.is_ok());
}

#[tokio::test]
async fn a_session_that_does_not_read_is_ended() {
    let (connection, mut browser) = Played::new();
    let (_, mut events) = connection.open_session(&SessionId::from("S"), METHODS);
    let flood = json!({"sessionId": "S", "method": "Page.loadEventFired"});
    for _ in 0..=super::connection::UNREAD_EVENTS {
        browser.say(&flood).await;
    }
    // Answers come in order: when this one is there, so is the flood.
    let call = connection.root().send(&StopLoading(None));
    let command = browser.command().await;
    browser
        .say(&json!({"id": command["id"], "result": {}}))
        .await;
    assert!(call.result().await.is_ok());
    let mut read = 0;
    while events.recv().await.is_some() {
        read += 1;
    }
    assert_eq!(read, super::connection::UNREAD_EVENTS);
    assert!(!connection.is_closed());
}

const CRASH: &[&str] = &["Inspector.targetCrashed"];

#[tokio::test]
async fn calls_to_a_page_without_a_process_fail_at_once() {
    let (connection, mut browser) = Played::new();
    let (session, mut events) = connection.open_session(&SessionId::from("S"), CRASH);
    let end = connection.end_of_session(&SessionId::from("S"), "T");
    let before = session.send(&StopLoading(None));
    assert!(!end.has_come());
    browser
        .say(&json!({"sessionId": "S", "method": "Inspector.targetCrashed", "params": {}}))
        .await;
    end.come().await;
    assert!(events.recv().await.is_some());
    let after = session.send(&StopLoading(None));
    for call in [before, after] {
        let result = call.result().await;
        assert!(matches!(result, Err(CallError::SessionClosed { .. })));
    }
    assert!(!connection.is_closed());
}

#[tokio::test]
async fn a_page_is_not_blamed_for_what_was_done_to_its_process() {
    for (target, status, from_outside) in [
        ("T", "killed", true),
        ("T", "failed to launch", true),
        ("T", "crashed", false),
        ("T", "oom", false),
        ("another", "killed", false),
    ] {
        let (connection, mut browser) = Played::new();
        let (_session, _events) = connection.open_session(&SessionId::from("S"), CRASH);
        let end = connection.end_of_session(&SessionId::from("S"), "T");
        browser
            .say(&json!({"method": "Target.targetCrashed",
                "params": {"targetId": target, "status": status, "errorCode": 9}}))
            .await;
        // Answers come in order.
        let call = connection.root().send(&StopLoading(None));
        let command = browser.command().await;
        browser.say(&json!({"id": command["id"]})).await;
        assert!(call.result().await.is_ok());
        assert_eq!(end.was_from_outside(), from_outside, "{target} {status}");
    }
}

#[tokio::test]
async fn every_way_to_lose_a_session_is_its_end() {
    let (connection, browser) = Played::new();
    let ids = ["closed", "lost"].map(SessionId::from);
    let ends = ids.clone().map(|id| {
        drop(connection.open_session(&id, METHODS));
        connection.end_of_session(&id, "T")
    });
    assert!(ends.iter().all(|end| !end.has_come()));
    connection.close_session(&ids[0]);
    ends[0].come().await;
    assert!(!ends[1].has_come());
    drop(browser);
    ends[1].come().await;
    let late = connection.end_of_session(&ids[1], "T");
    assert!(late.has_come());
}

/// Something that a browser could say.
#[derive(Clone, Debug)]
enum Said {
    /// The answer to a call, by its number.
    Answer(usize),
    /// The same with a NUL in it: two frames that are none.
    Torn(usize),
    /// No message of the protocol, whatever else.
    Noise(Vec<u8>),
}

fn anything_said() -> impl Strategy<Value = Vec<Said>> {
    // Without digits it is no answer by chance.
    let bytes = any::<u8>().prop_filter("ends a frame", |byte| !b"\x000123456789".contains(byte));
    let noise = prop_oneof![
        // Frames of nothing, of no text, and of text that is cut or strange.
        Just(Vec::new()),
        Just(vec![0xff, 0xfe, 0x80]),
        Just(br#"{"id":1,"result":{"#.to_vec()),
        Just(br#"{"id":-1,"result":{}}"#.to_vec()),
        Just(br#"{"id":"1","result":{}}"#.to_vec()),
        Just(b"{\"id\":1,\"result\":\"\xc3\"}".to_vec()),
        proptest::collection::vec(bytes, 0..60),
    ];
    let said = prop_oneof![
        (0..CALLS).prop_map(Said::Answer),
        (0..CALLS).prop_map(Said::Torn),
        noise.prop_map(Said::Noise)
    ];
    proptest::collection::vec(said, 0..20)
}

/// Calls that wait for what is said.
const CALLS: usize = 4;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the browser says, a call that it answers afterwards is answered.
    #[test]
    fn noise_does_not_break_the_connection(
        noise in proptest::collection::vec(any::<u8>().prop_filter("frame", |b| *b != 0), 0..300),
        method in ".{0,20}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (connection, mut browser) = Played::new();
            let call = connection.root().send(&StopLoading(None));
            let command = browser.command().await;
            browser.pipe.write_all(&noise).await.unwrap();
            browser.pipe.write_all(&[0]).await.unwrap();
            browser.say(&json!({"method": method, "sessionId": 5, "params": []})).await;
            browser.say(&json!({"method": "Target.detachedFromTarget", "params": method})).await;
            browser.say(&json!({"id": command["id"], "result": {}})).await;
            assert!(call.result().await.is_ok());
        });
    }

    /// However frames are split, merged or cut off: a call is answered exactly when its whole answer
    /// came, and fails exactly when the connection ended without it.
    #[test]
    fn calls_get_whole_answers_or_none(
        said in anything_said(),
        piece in 1usize..40,
        // One byte short, all of the last answer is there but its end.
        cut in prop_oneof![Just(0), Just(1), 0usize..30],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (connection, mut browser) = Played::new();
            let calls = [(); CALLS].map(|()| connection.root().send(&GetVersion(None)));
            let mut ids = Vec::new();
            for _ in 0..CALLS {
                ids.push(browser.command().await["id"].clone());
            }
            let mut stream = Vec::new();
            let mut ends = Vec::new();
            for said in &said {
                let answer = |call: &usize| {
                    // A NUL in a text is escaped and ends nothing.
                    let result = json!({"product": format!("\0{call}"), "revision": "",
                        "protocolVersion": "", "userAgent": "", "jsVersion": ""});
                    serde_json::to_vec(&json!({"id": ids[*call], "result": result})).unwrap()
                };
                match said {
                    Said::Answer(call) => stream.extend(answer(call)),
                    Said::Torn(call) => {
                        let mut answer = answer(call);
                        answer.insert(answer.len() / 2, 0);
                        stream.extend(answer);
                    }
                    Said::Noise(noise) => stream.extend(noise),
                }
                stream.push(0);
                ends.push(stream.len());
            }
            stream.truncate(stream.len().saturating_sub(cut));
            for piece in stream.chunks(piece) {
                browser.pipe.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            let is_whole = |call: usize| said.iter().zip(&ends).any(|(said, end)| {
                matches!(said, Said::Answer(answered) if *answered == call) && *end <= stream.len()
            });
            drop(browser);
            for (number, call) in calls.into_iter().enumerate() {
                match call.result().await {
                    Ok(version) => {
                        assert!(is_whole(number));
                        assert_eq!(version.product, format!("\0{number}"));
                    }
                    Err(CallError::ConnectionClosed { .. }) => assert!(!is_whole(number)),
                    Err(error) => panic!("{error}"),
                }
            }
        });
    }
}

/// One that grows without end would take all memory.
#[tokio::test]
async fn a_frame_beyond_the_cap_ends_the_connection() {
    let (connection, mut browser) = Played::new();
    let call = connection.root().send(&StopLoading(None));
    let chunk = vec![b'x'; 1 << 20];
    let mut said = 0;
    // The write fails once nobody reads.
    while browser.pipe.write_all(&chunk).await.is_ok() {
        said += chunk.len();
        assert!(said <= MAX_FRAME + (8 << 20), "{said}");
    }
    assert!(said >= MAX_FRAME);
    let result = call.result().await;
    assert!(matches!(result, Err(CallError::ConnectionClosed { .. })));
}
