//! What works for a page beside it: its workers, and frames that have a process of their own.

use std::collections::HashMap;

use futures::{FutureExt as _, future::BoxFuture, stream::FuturesUnordered};
use headless_chrome::protocol::cdp::{Fetch, Network, Runtime, Target};
use tokio_stream::{StreamExt as _, StreamMap, StreamNotifyClose, wrappers::ReceiverStream};

use super::ask::{self, World};
use crate::cdp::{Event, Session, SessionId, event};

/// How many are listened to at a time. Beyond that they work unheard.
const HEARD: usize = 64;

/// The sessions of a page's companions: what they load is told there, and nowhere else. A page that
/// has none pays for two commands whose answers nobody waits for.
pub(super) struct Companions<'a> {
    page: &'a Session,
    /// Of the page; known once there was a shared worker to ask for it.
    context: Option<String>,
    heard: StreamMap<SessionId, StreamNotifyClose<ReceiverStream<Event>>>,
    known: HashMap<SessionId, Companion>,
    /// Answers on their way.
    answers: FuturesUnordered<BoxFuture<'static, Next>>,
}

struct Companion {
    session: Session,
    /// It has a loop of its own, and timers.
    is_worker: bool,
    sign: Sign,
}

/// Whether a companion was asked for a sign of having done what was next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    None,
    Asked,
    /// Something ended since it was asked.
    Outdated,
}

/// What happens beside a page.
pub(super) enum Next {
    Event(SessionId, Event),
    /// Nothing more will be heard of this one.
    Parted(SessionId),
    /// A shared worker has begun, and this was the request for its script.
    Started(SessionId, String),
    /// It has given the sign that it was asked for.
    Sign(SessionId),
}

impl<'a> Companions<'a> {
    /// Asks to be told of companions from now on.
    pub(super) fn of(page: &'a Session) -> Self {
        attach_to_all(page);
        // A shared worker is nobody's in particular: of these only the browser as a whole tells.
        drop(page.send(&Target::SetDiscoverTargets {
            discover: true,
            filter: Some(vec![kind("shared_worker")]),
        }));
        Self {
            page,
            context: None,
            heard: StreamMap::new(),
            known: HashMap::new(),
            answers: FuturesUnordered::new(),
        }
    }

    /// Listens to one that is held at its start until this is done, so that nothing is missed.
    pub(super) fn adopt(&mut self, attached: &event::AttachedToTarget) {
        let target = &attached.target_info;
        let id = SessionId::from(attached.session_id.as_str());
        let connection = self.page.connection();
        let (session, events) = connection.open_session(&id, event::OF_A_COMPANION);
        let is_shared = target.r#type == "shared_worker";
        if self.heard.len() < HEARD {
            drop(session.send(&Network::Enable {
                max_total_buffer_size: Some(0),
                max_resource_buffer_size: Some(0),
                max_post_data_size: Some(0),
                report_direct_socket_traffic: None,
                enable_durable_messages: None,
            }));
            if is_shared {
                // It is not held: of what it loads before it hears that it is listened to, it tells the
                // end alone. What the browser pauses for it is known all the same. Only of one that is
                // heard: nobody would let the requests of others go on.
                drop(session.send(&Fetch::Enable {
                    patterns: None,
                    handle_auth_requests: None,
                }));
            }
            attach_to_all(&session);
            let events = StreamNotifyClose::new(ReceiverStream::new(events));
            self.heard.insert(id.clone(), events);
        } else {
            connection.close_session(&id);
        }
        let run = session.send(&Runtime::RunIfWaitingForDebugger(None));
        if is_shared {
            // The end of its script may be missed, too. It answers when it has begun.
            let (id, script) = (id.clone(), target.target_id.clone());
            let started = async move {
                let _ = run.raw().await;
                Next::Started(id, script)
            };
            self.answers.push(started.boxed());
        }
        if self.heard.contains_key(&id) {
            let companion = Companion {
                session,
                is_worker: target.r#type.ends_with("worker"),
                sign: Sign::None,
            };
            self.known.insert(id, companion);
        }
    }

    /// Lets a paused request of a companion go on.
    pub(super) fn resume(&self, id: &SessionId, request: &Fetch::ContinueRequest) {
        if let Some(companion) = self.known.get(id) {
            // The request may be gone already, which is as well.
            drop(companion.session.send(request));
        }
    }

    /// Asks a companion for a sign that it has done what an answer it waited for set off: on a busy
    /// machine that comes long after the answer. False when nothing is heard of it.
    pub(super) fn ask(&mut self, id: &SessionId) -> bool {
        let Some(companion) = self.known.get_mut(id) else {
            return false;
        };
        if companion.sign == Sign::None {
            companion.sign = Sign::Asked;
            self.answers.push(companion.sign(id.clone()));
        } else {
            companion.sign = Sign::Outdated;
        }
        true
    }

    /// Attaches to a shared worker of this page's context. Those of other jobs are none of its.
    pub(super) async fn meet(&mut self, created: event::TargetCreated) {
        let worker = created.target_info;
        if self.context.is_none() {
            let itself = self.page.call(Target::GetTargetInfo { target_id: None });
            // Without an answer the page is gone.
            let Ok(answer) = itself.await else { return };
            self.context = answer.target_info.browser_context_id;
        }
        if self.context.is_some() && self.context == worker.browser_context_id {
            // The event that comes of it brings the session.
            drop(self.page.send(&Target::AttachToTarget {
                target_id: worker.target_id,
                flatten: Some(true),
            }));
        }
    }

    /// What happens next. Never completes while nothing does.
    pub(super) async fn next(&mut self) -> Next {
        loop {
            let next = tokio::select! {
                Some((id, event)) = self.heard.next() => match event {
                    Some(event) => Next::Event(id, event),
                    None => Next::Parted(id),
                },
                Some(answer) = self.answers.next() => answer,
                else => std::future::pending().await,
            };
            match &next {
                Next::Parted(id) => drop(self.known.remove(id)),
                Next::Sign(id) => {
                    let Some(companion) = self.known.get_mut(id) else {
                        continue;
                    };
                    if companion.sign == Sign::Outdated {
                        companion.sign = Sign::Asked;
                        self.answers.push(companion.sign(id.clone()));
                        continue;
                    }
                    companion.sign = Sign::None;
                }
                Next::Event(..) | Next::Started(..) => {}
            }
            return next;
        }
    }
}

impl Companion {
    fn sign(&self, id: SessionId) -> BoxFuture<'static, Next> {
        // A turn of its loop. A frame may run no scripts, and has no timers then.
        let turn = if self.is_worker {
            "new Promise((done) => setTimeout(done))"
        } else {
            "0"
        };
        let asked = self
            .session
            .send(&ask::command(World::Page, turn.to_owned()));
        async move {
            // A refusal is a sign, too.
            let _ = asked.raw().await;
            Next::Sign(id)
        }
        .boxed()
    }
}

impl Drop for Companions<'_> {
    fn drop(&mut self) {
        for id in self.heard.keys() {
            self.page.connection().close_session(id);
        }
    }
}

/// Attaches to workers, worklets and frames as they start. What is filtered out is held all the same,
/// and nobody would let it go: so only what is none of the page's. Service workers serve the next
/// visit.
fn attach_to_all(session: &Session) {
    let anything = Target::FilterEntry {
        exclude: None,
        Type: None,
    };
    let others = ["service_worker", "shared_worker", "page", "tab", "browser"].map(|name| {
        Target::FilterEntry {
            exclude: Some(true),
            ..kind(name)
        }
    });
    drop(session.send(&Target::SetAutoAttach {
        auto_attach: true,
        wait_for_debugger_on_start: true,
        flatten: Some(true),
        filter: Some(others.into_iter().chain([anything]).collect()),
    }));
}

fn kind(name: &str) -> Target::FilterEntry {
    Target::FilterEntry {
        exclude: None,
        Type: Some(name.to_owned()),
    }
}
