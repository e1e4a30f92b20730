use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use futures::StreamExt;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot},
};
use tokio_util::{codec::FramedRead, sync::CancellationToken};

use super::{
    CallError, Event, Session, SessionId,
    end::SessionEnd,
    event,
    frame::{FrameDecoder, MAX_FRAME},
    message::{Incoming, Outgoing},
};

/// Events a session may leave unread. They are read as they come, so only a page that floods its
/// own session gets there; it loses the session, its neighbours nothing.
pub(super) const UNREAD_EVENTS: usize = 16 * 1024;

/// Bytes read from the pipe at a time: the most that Linux lets a pipe hold without privileges.
const READ_BYTES: usize = 1024 * 1024;

/// Events of one session in order. Ends when the session or the connection does.
pub(crate) type Events = mpsc::Receiver<Event>;

/// A live connection to a browser. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    last_id: u32,
    pending: HashMap<u32, Pending>,
    sessions: HashMap<SessionId, Subscription>,
}

#[derive(Debug)]
struct Pending {
    method: &'static str,
    session: Option<SessionId>,
    reply: oneshot::Sender<Result<Bytes, CallError>>,
}

#[derive(Debug)]
struct Subscription {
    methods: &'static [&'static str],
    events: mpsc::Sender<Event>,
    end: SessionEnd,
}

impl Connection {
    /// Starts the reading and the writing task. The browser's events outside any session are
    /// dropped, but for the end of a session, which ends it here too.
    pub(crate) fn start<R, W>(reader: R, writer: W) -> Self
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let (outgoing, queue) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            outgoing,
            closed: CancellationToken::new(),
        });
        tokio::spawn(read(reader, shared.clone()));
        tokio::spawn(write(writer, queue, shared.closed.clone()));
        Self { shared }
    }

    /// The session that commands to the browser itself are sent in.
    pub(crate) fn root(&self) -> Session {
        Session::root(self.clone())
    }

    /// Subscribes to `methods` of a session that was attached to with `flatten`. What else happens
    /// in it is dropped as it is read.
    pub(crate) fn open_session(
        &self,
        id: &SessionId,
        methods: &'static [&'static str],
    ) -> (Session, Events) {
        let (sender, events) = mpsc::channel(UNREAD_EVENTS);
        let mut state = self.shared.state();
        if !state.closed {
            let subscription = Subscription {
                methods,
                events: sender,
                end: SessionEnd::default(),
            };
            state.sessions.insert(id.clone(), subscription);
        }
        (Session::attached(self.clone(), id.clone()), events)
    }

    /// Tells how this session, attached to this target, ends.
    pub(crate) fn end_of_session(&self, id: &SessionId, target: &str) -> SessionEnd {
        match self.shared.state().sessions.get_mut(id) {
            Some(subscription) => {
                let end = SessionEnd::of_target(target);
                if subscription.end.has_come() {
                    end.end();
                }
                subscription.end = end.clone();
                end
            }
            None => SessionEnd::past(),
        }
    }

    /// Forgets a session: its events end, its calls fail.
    pub(crate) fn close_session(&self, id: &SessionId) {
        self.shared.state().end_session(id);
    }

    /// Drops the events of a session from now on. Its calls go on.
    pub(crate) fn mute_session(&self, id: &SessionId) {
        if let Some(subscription) = self.shared.state().sessions.get_mut(id) {
            subscription.methods = &[];
        }
    }

    /// Fails all calls and ends all sessions, now and from now on.
    pub(crate) fn close(&self) {
        self.shared.close();
    }

    /// Waits until the connection is lost.
    pub(crate) async fn closed(&self) {
        self.shared.closed.cancelled().await;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shared.closed.is_cancelled()
    }

    /// Sends a command and returns its id and where the answer will arrive.
    pub(super) fn send<M: Serialize>(
        &self,
        method: &'static str,
        session: Option<&SessionId>,
        params: &M,
    ) -> (u32, oneshot::Receiver<Result<Bytes, CallError>>) {
        let (reply, answer) = oneshot::channel();
        let mut state = self.shared.state();
        if state.closed {
            let _ = reply.send(Err(CallError::ConnectionClosed { method }));
            return (0, answer);
        }
        if session.is_some_and(|session| state.has_crashed(session)) {
            let _ = reply.send(Err(CallError::SessionClosed { method }));
            return (0, answer);
        }
        let id = state.take_id();
        let command = Outgoing {
            id,
            method,
            session_id: session.map(SessionId::as_str),
            params,
        };
        match serde_json::to_vec(&command) {
            Ok(mut bytes) => {
                bytes.push(0);
                let pending = Pending {
                    method,
                    session: session.cloned(),
                    reply,
                };
                state.pending.insert(id, pending);
                // Under the lock, so that commands leave in the order of their ids. When the
                // writer is gone, the closing connection fails the call.
                let _ = self.shared.outgoing.send(bytes);
            }
            Err(source) => {
                let _ = reply.send(Err(CallError::Encode { method, source }));
            }
        }
        (id, answer)
    }

    /// Forgets a call whose caller no longer waits.
    pub(super) fn forget(&self, id: u32) {
        self.shared.state().pending.remove(&id);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete before a panic could happen.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        // First of all, so that whoever sees a session end can tell why.
        self.closed.cancel();
        self.state().close();
    }

    fn receive(&self, frame: &Bytes) {
        let incoming: Incoming<'_> = match serde_json::from_slice(frame) {
            Ok(incoming) => incoming,
            Err(error) => {
                tracing::warn!(%error, bytes = frame.len(), "message is not of the protocol");
                return;
            }
        };
        if let Some(id) = incoming.id {
            self.state().answer(id, frame, incoming);
        } else if let Some(method) = incoming.method {
            self.state().event(method, frame, &incoming);
        }
    }
}

impl State {
    /// Chromium reads ids as signed 32-bit integers.
    fn take_id(&mut self) -> u32 {
        self.last_id = if self.last_id >= i32::MAX.unsigned_abs() {
            1
        } else {
            self.last_id + 1
        };
        self.last_id
    }

    fn answer(&mut self, id: u32, frame: &Bytes, incoming: Incoming<'_>) {
        let Some(pending) = self.pending.remove(&id) else {
            return;
        };
        let answer = match incoming.error {
            Some(refusal) => Err(CallError::Refused {
                method: pending.method,
                code: refusal.code,
                message: refusal.message,
            }),
            None => Ok(incoming.result.map_or_else(
                || Bytes::from_static(b"{}"),
                |raw| frame.slice_ref(raw.get().as_bytes()),
            )),
        };
        let _ = pending.reply.send(answer);
    }

    fn event(&mut self, method: &str, frame: &Bytes, incoming: &Incoming<'_>) {
        let params = incoming.params.map_or("{}", RawValue::get);
        match method {
            event::DETACHED_FROM_TARGET => {
                if let Ok(detached) = serde_json::from_str::<event::Detached<'_>>(params) {
                    self.end_session(&SessionId::from(detached.session_id));
                }
            }
            event::CRASHED => {
                if let Ok(crash) = serde_json::from_str::<event::Crash<'_>>(params) {
                    for subscription in self.sessions.values() {
                        subscription.end.explain(&crash);
                    }
                }
            }
            _ => {}
        }
        let Some(id) = incoming.session_id else {
            return;
        };
        let Some(subscription) = self.sessions.get(id) else {
            return;
        };
        let Some(method) = subscription.methods.iter().find(|known| **known == method) else {
            return;
        };
        let event = Event {
            method,
            params: incoming.params.map_or_else(
                || Bytes::from_static(b"{}"),
                |raw| frame.slice_ref(raw.get().as_bytes()),
            ),
        };
        let is_read = subscription.events.try_send(event).is_ok();
        let id = SessionId::from(id);
        if !is_read {
            tracing::warn!(method, "session is closed: its events are not read");
            self.end_session(&id);
        } else if *method == event::TARGET_CRASHED {
            self.crash_session(&id);
        }
    }

    /// The target has no process any more, and answers nothing.
    fn crash_session(&mut self, id: &SessionId) {
        if let Some(subscription) = self.sessions.get(id) {
            subscription.end.end();
        }
        self.fail_calls(id);
    }

    fn has_crashed(&self, id: &SessionId) -> bool {
        self.sessions
            .get(id)
            .is_some_and(|subscription| subscription.end.has_come())
    }

    fn end_session(&mut self, id: &SessionId) {
        if let Some(subscription) = self.sessions.remove(id) {
            subscription.end.end();
        }
        self.fail_calls(id);
    }

    fn fail_calls(&mut self, id: &SessionId) {
        let calls = self
            .pending
            .extract_if(|_, pending| pending.session.as_ref() == Some(id));
        for (_, pending) in calls {
            let method = pending.method;
            let _ = pending.reply.send(Err(CallError::SessionClosed { method }));
        }
    }

    fn close(&mut self) {
        self.closed = true;
        for (_, subscription) in self.sessions.drain() {
            subscription.end.end();
        }
        for (_, pending) in self.pending.drain() {
            let method = pending.method;
            let _ = pending
                .reply
                .send(Err(CallError::ConnectionClosed { method }));
        }
    }
}

async fn read<R: AsyncRead + Unpin>(reader: R, shared: Arc<Shared>) {
    let mut frames = FramedRead::with_capacity(reader, FrameDecoder::new(MAX_FRAME), READ_BYTES);
    loop {
        tokio::select! {
            () = shared.closed.cancelled() => break,
            frame = frames.next() => match frame {
                Some(Ok(frame)) => shared.receive(&frame),
                Some(Err(error)) => {
                    tracing::warn!(%error, "pipe from the browser is broken");
                    break;
                }
                None => break,
            },
        }
    }
    shared.close();
}

async fn write<W: AsyncWrite + Unpin>(
    mut writer: W,
    mut queue: mpsc::UnboundedReceiver<Vec<u8>>,
    closed: CancellationToken,
) {
    loop {
        let command = tokio::select! {
            () = closed.cancelled() => return,
            command = queue.recv() => command,
        };
        let Some(command) = command else { return };
        // The reader notices the end of the browser; here it only means nothing can be said.
        if let Err(error) = writer.write_all(&command).await {
            tracing::debug!(%error, "pipe to the browser is broken");
            return;
        }
    }
}
