//! What works for a page beside it: its workers, and frames that have a process of their own.

use futures::{future::BoxFuture, stream::FuturesUnordered};
use headless_chrome::protocol::cdp::{Network, Runtime, Target};
use tokio_stream::{StreamExt as _, StreamMap, StreamNotifyClose, wrappers::ReceiverStream};

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
    /// Shared workers on their way to have run their scripts.
    starting: FuturesUnordered<BoxFuture<'static, String>>,
}

/// What happens beside a page.
pub(super) enum Next {
    Event(SessionId, Event),
    /// Nothing more will be heard of this one.
    Parted(SessionId),
    /// A script has run that this was the request for.
    Started(String),
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
            starting: FuturesUnordered::new(),
        }
    }

    /// Listens to one that is held at its start until this is done, so that nothing is missed.
    pub(super) fn adopt(&mut self, attached: &event::AttachedToTarget) {
        let id = SessionId::from(attached.session_id.as_str());
        let connection = self.page.connection();
        let (session, events) = connection.open_session(&id, event::OF_A_COMPANION);
        if self.heard.len() < HEARD {
            drop(session.send(&Network::Enable {
                max_total_buffer_size: Some(0),
                max_resource_buffer_size: Some(0),
                max_post_data_size: Some(0),
                report_direct_socket_traffic: None,
                enable_durable_messages: None,
            }));
            attach_to_all(&session);
            let events = StreamNotifyClose::new(ReceiverStream::new(events));
            self.heard.insert(id, events);
        } else {
            connection.close_session(&id);
        }
        let run = session.send(&Runtime::RunIfWaitingForDebugger(None));
        let target = &attached.target_info;
        if target.r#type == "shared_worker" {
            // It is not held, so the end of its script may be missed. It answers when that has run.
            let script = target.target_id.clone();
            self.starting.push(Box::pin(async move {
                let _ = run.raw().await;
                script
            }));
        }
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
        tokio::select! {
            Some((id, event)) = self.heard.next() => match event {
                Some(event) => Next::Event(id, event),
                None => Next::Parted(id),
            },
            Some(script) = self.starting.next() => Next::Started(script),
            else => std::future::pending().await,
        }
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
