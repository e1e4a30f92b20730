//! Keeps the list up to date: by server-sent events, and by asking while they do not come.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use super::Files;
use crate::{
    app::{
        api::{EventStream, StreamEvent},
        device,
    },
    logic::backoff,
};

/// How the page hears of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// By events, or about to.
    Stream,
    /// By asking now and then.
    Polling,
    /// Not at all: the server does not answer.
    Lost,
}

#[derive(Clone, Copy)]
pub struct Live {
    link: RwSignal<Link>,
    stream: StoredValue<Option<EventStream>, LocalStorage>,
    /// The stream has been open before, so that events were missed when it opens again.
    interrupted: StoredValue<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
    /// Polls in a row that found nothing to wait for, or no answer.
    attempt: StoredValue<u32>,
    files: Files,
}

impl Live {
    /// Starts listening, until the owner goes.
    pub fn start(files: Files) -> Self {
        let live = Self {
            link: RwSignal::new(Link::Stream),
            stream: StoredValue::new_local(None),
            interrupted: StoredValue::new(false),
            timer: StoredValue::new(None),
            attempt: StoredValue::new(0),
            files,
        };
        // Opens the stream, and closes it before the server ends the session: a browser that
        // connects a moment too late would log the refusal as an error.
        Effect::new(move || {
            if files.session().goes_on() {
                live.open();
            } else {
                live.stop_timer();
                live.stream.try_set_value(None);
            }
        });
        let online = window_event_listener_untyped("online", move |_| live.poll_now());
        on_cleanup(move || {
            online.remove();
            live.stop_timer();
            live.stream.try_set_value(None);
        });
        live
    }

    pub fn link(self) -> Link {
        self.link.get()
    }

    /// Asks at once, for a person who does not want to wait.
    pub fn poll_now(self) {
        self.attempt.try_set_value(0);
        self.poll();
    }

    fn open(self) {
        match EventStream::open(move |event| self.hear(event)) {
            Ok(stream) => {
                self.stream.try_set_value(Some(stream));
            }
            Err(_) => self.fall_back(),
        }
    }

    fn hear(self, event: StreamEvent) {
        match event {
            StreamEvent::Opened => {
                self.stop_timer();
                self.attempt.try_set_value(0);
                self.link.try_set(Link::Stream);
                if self.interrupted.try_get_value() == Some(true) {
                    self.interrupted.try_set_value(false);
                    // What happened meanwhile may have been told to nobody.
                    spawn_local(async move {
                        if self.files.refresh().await.is_err() {
                            self.fall_back();
                        }
                    });
                }
            }
            StreamEvent::File(file) => self.files.take_event(*file),
            StreamEvent::Interrupted => self.fall_back(),
            StreamEvent::Closed => {
                self.stream.try_set_value(None);
                self.fall_back();
            }
        }
    }

    fn fall_back(self) {
        self.interrupted.try_set_value(true);
        let waiting = self.timer.try_with_value(Option::is_some);
        if waiting == Some(false) {
            self.link.try_update(|link| {
                if *link == Link::Stream {
                    *link = Link::Polling;
                }
            });
            self.poll_later();
        }
    }

    fn poll_later(self) {
        let Some(attempt) = self.attempt.try_get_value() else {
            return;
        };
        self.attempt.try_set_value(attempt.saturating_add(1));
        self.after(backoff(attempt, device::chance()));
    }

    fn after(self, wait: Duration) {
        self.stop_timer();
        let handle = set_timeout_with_handle(move || self.poll(), wait).ok();
        self.timer.try_set_value(handle);
    }

    fn poll(self) {
        self.stop_timer();
        spawn_local(async move {
            let answer = self.files.refresh().await;
            // `None` when the owner has gone meanwhile.
            let Some(stream) = self
                .stream
                .try_with_value(|stream| stream.as_ref().map(EventStream::is_open))
            else {
                return;
            };
            match answer {
                Ok(()) if stream == Some(true) => {
                    self.link.try_set(Link::Stream);
                }
                Ok(()) => {
                    self.link.try_set(Link::Polling);
                    if self.files.is_busy() {
                        self.attempt.try_set_value(0);
                    }
                    if stream.is_none() {
                        self.open();
                    }
                    self.poll_later();
                }
                Err(error) if error.signed_out().is_some() => {}
                Err(_) => {
                    self.link.try_set(Link::Lost);
                    self.poll_later();
                }
            }
        });
    }

    fn stop_timer(self) {
        self.timer.try_update_value(|timer| {
            if let Some(handle) = timer.take() {
                handle.clear();
            }
        });
    }
}
