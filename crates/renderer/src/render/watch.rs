use headless_chrome::protocol::cdp::Page::HandleJavaScriptDialog;
use serde::de::DeserializeOwned;
use tokio::{
    sync::watch,
    time::{Duration, Instant, timeout_at},
};

use super::{
    companions::{Companions, Next},
    origin::OwnHeaders,
    state::PageState,
};
use crate::cdp::{Event, Events, Session, SessionId, event};

/// Reads the events of a page and its companions into its state until the session ends. What would
/// hold everything up is answered at once: dialogs are dismissed, paused requests get their headers.
pub(super) async fn pump(
    session: &Session,
    events: &mut Events,
    headers: &OwnHeaders<'_>,
    state: &watch::Sender<PageState>,
) {
    let mut companions = Companions::of(session);
    loop {
        tokio::select! {
            biased;
            event = events.recv() => {
                let Some(event) = event else { return };
                match event.method {
                    event::ATTACHED_TO_TARGET => {
                        with(&event, |e| companions.adopt(&e));
                        state.send_modify(|state| state.accompanied = true);
                    }
                    event::DIALOG_OPENING => dismiss(session, &event),
                    event::REQUEST_PAUSED => with(&event, |e| resume(session, headers, state, e)),
                    event::TARGET_CREATED => {
                        if let Some(created) = event.read() {
                            companions.meet(created).await;
                        }
                    }
                    _ => state.send_modify(|state| apply(state, &event)),
                }
                if state.borrow().crashed {
                    return;
                }
            }
            next = companions.next() => match next {
                Next::Event(_, event) if event.method == event::ATTACHED_TO_TARGET => {
                    with(&event, |e| companions.adopt(&e));
                }
                Next::Event(id, event) if event.method == event::REQUEST_PAUSED => {
                    with(&event, |paused: event::RequestPaused| {
                        companions.resume(&id, &headers.resume(&paused));
                        state.send_modify(|state| state.paused_of(&id, paused));
                    });
                }
                Next::Event(id, event) => {
                    let asked = is_end(&event) && companions.ask(&id);
                    state.send_modify(|state| {
                        if asked {
                            state.expect(&id);
                        }
                        apply_of(state, id, &event);
                    });
                }
                Next::Parted(id) => state.send_modify(|state| state.parted(&id)),
                Next::Started(id, script) => {
                    let asked = companions.ask(&id);
                    state.send_modify(|state| {
                        if asked {
                            state.expect(&id);
                        }
                        state.begun(script);
                    });
                }
                Next::Sign(id) => state.send_modify(|state| state.end(id.as_str())),
            },
        }
    }
}

fn resume(
    session: &Session,
    headers: &OwnHeaders<'_>,
    state: &watch::Sender<PageState>,
    paused: event::RequestPaused,
) {
    if paused.is_answer() {
        state.send_modify(|state| state.answer = Some(paused));
    } else {
        // The request may be gone already, which is as well.
        drop(session.send(&headers.resume(&paused)));
    }
}

fn dismiss(session: &Session, event: &Event) {
    // "Leave this page?" is the only question with a harmless yes.
    let accept = event
        .read::<event::DialogOpening>()
        .is_some_and(|dialog| dialog.r#type == "beforeunload");
    // The answer would only say that the dialog is gone.
    drop(session.send(&HandleJavaScriptDialog {
        accept,
        prompt_text: None,
    }));
}

fn with<T: DeserializeOwned>(event: &Event, apply: impl FnOnce(T)) {
    if let Some(read) = event.read() {
        apply(read);
    }
}

/// Something that was loaded has come, or will not.
fn is_end(event: &Event) -> bool {
    matches!(
        event.method,
        event::LOADING_FAILED | event::LOADING_FINISHED
    )
}

/// What a companion tells.
fn apply_of(state: &mut PageState, companion: SessionId, event: &Event) {
    match event.method {
        event::LOADING_FAILED => with(event, |e: event::LoadingFailed| {
            state.end_of(&companion, &e.request_id);
        }),
        event::LOADING_FINISHED => with(event, |e: event::LoadingFinished| {
            state.end_of(&companion, &e.request_id);
        }),
        event::REQUEST_WILL_BE_SENT => with(event, |e| state.request_of(companion, e)),
        _ => {}
    }
}

fn apply(state: &mut PageState, event: &Event) {
    match event.method {
        event::DOWNLOAD_WILL_BEGIN => with(event, |e| state.download(&e)),
        event::FRAME_CLEARED_SCHEDULED_NAVIGATION => with(event, |e| state.cleared(&e)),
        event::FRAME_NAVIGATED => with(event, |e| state.navigated(e)),
        event::FRAME_SCHEDULED_NAVIGATION => with(event, |e| state.scheduled(&e)),
        event::FRAME_STARTED_NAVIGATING => with(event, |e| state.started_navigating(e)),
        event::FRAME_STOPPED_LOADING => with(event, |e| state.stopped_loading(&e)),
        event::LIFECYCLE => with(event, |e| state.lifecycle(&e)),
        event::LOADING_FAILED => with(event, |e| state.failed(e)),
        event::LOADING_FINISHED => with(event, |e| state.finished(&e)),
        event::NAVIGATED_WITHIN_DOCUMENT => with(event, |e| state.navigated_within(e)),
        event::REQUEST_WILL_BE_SENT => with(event, |e| state.request(e)),
        event::RESPONSE_RECEIVED => with(event, |e| state.response(e)),
        event::TARGET_CRASHED => state.crashed = true,
        _ => {}
    }
}

/// The state of a page as a job waits on it.
#[derive(Debug)]
pub(super) struct Watch {
    receiver: watch::Receiver<PageState>,
}

impl Watch {
    pub(super) fn new(receiver: watch::Receiver<PageState>) -> Self {
        Self { receiver }
    }

    pub(super) fn now(&self) -> watch::Ref<'_, PageState> {
        self.receiver.borrow()
    }

    /// Waits until `condition` holds. False when `deadline` came first.
    pub(super) async fn until(
        &mut self,
        deadline: Instant,
        condition: impl FnMut(&PageState) -> bool,
    ) -> bool {
        matches!(
            timeout_at(deadline, self.receiver.wait_for(condition)).await,
            Ok(Ok(_))
        )
    }

    /// Waits until nothing has been loaded for `window`, or `give_up` holds. False when `deadline`
    /// came first.
    pub(super) async fn until_quiet(
        &mut self,
        window: Duration,
        deadline: Instant,
        give_up: impl Fn(&PageState) -> bool,
    ) -> bool {
        loop {
            if !self
                .until(deadline, |state| state.is_quiet() || give_up(state))
                .await
            {
                return false;
            }
            let quiet_at = {
                let state = self.now();
                if give_up(&state) {
                    return true;
                }
                state.last_activity + window
            };
            if quiet_at <= Instant::now() {
                return true;
            }
            // Busy again before the window is over starts it anew.
            let stirred = self
                .until(quiet_at.min(deadline), |state| {
                    !state.is_quiet() || give_up(state) || state.last_activity + window > quiet_at
                })
                .await;
            if !stirred {
                return quiet_at <= deadline;
            }
        }
    }
}
