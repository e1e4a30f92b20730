//! The one file that is open in the reader, kept up to date until it has come to its end.

use std::{sync::Arc, time::Duration};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use platen_api_types::{File, FileId, FileStatus};

use super::{Session, Toasts};
use crate::{
    app::{
        api::{self, EventStream, StreamEvent},
        device,
        words::{t, t_with},
    },
    logic::{CallError, backoff, title},
};

#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// The first answer is on its way.
    Opening,
    Shown(Arc<File>),
    /// Deleted, another person's, or never there: the server tells none from the others.
    Gone,
    Failed(CallError),
}

#[derive(Clone, Copy)]
pub struct Reading {
    id: FileId,
    page: RwSignal<Page>,
    /// Open while the file is on its way: a browser has few connections to a site.
    stream: StoredValue<Option<EventStream>, LocalStorage>,
    timer: StoredValue<Option<TimeoutHandle>>,
    /// Questions in a row while the stream was away.
    attempt: StoredValue<u32>,
    retrying: RwSignal<bool>,
    session: Session,
    toasts: Toasts,
}

impl Reading {
    /// Opens the file, until the owner goes.
    pub fn open(id: FileId, session: Session, toasts: Toasts) -> Self {
        let reading = Self {
            id,
            page: RwSignal::new(Page::Opening),
            stream: StoredValue::new_local(None),
            timer: StoredValue::new(None),
            attempt: StoredValue::new(0),
            retrying: RwSignal::new(false),
            session,
            toasts,
        };
        on_cleanup(move || reading.rest());
        reading.ask();
        reading
    }

    pub fn page(self) -> Page {
        self.page.get()
    }

    pub fn is_retrying(self) -> bool {
        self.retrying.get()
    }

    /// Asks how the file is.
    pub fn ask(self) {
        spawn_local(async move {
            match api::file(self.id).await {
                Ok(file) => self.take(file),
                Err(error) => self.fail(error),
            }
        });
    }

    /// Asks for a failed file once more.
    pub fn retry(self) {
        if self.retrying.get_untracked() {
            return;
        }
        self.retrying.set(true);
        spawn_local(async move {
            let answer = api::retry(self.id).await;
            self.retrying.try_set(false);
            match answer {
                Ok(file) => {
                    self.toasts.announce(t("reader.trying_again"));
                    self.take(file);
                }
                Err(error) if self.session.ends_with(&error) => {}
                Err(error) => self.toasts.say(error.sentence()),
            }
        });
    }

    fn take(self, file: File) {
        if file.status == FileStatus::Deleting {
            self.close(Page::Gone);
            return;
        }
        // `None` when the screen has gone meanwhile.
        let Some(before) = self.page.try_get_untracked() else {
            return;
        };
        // The screen tells no stages, and what is on it is not to be made anew for them.
        let file = Arc::new(File {
            stage: None,
            ..file
        });
        let waited = matches!(&before, Page::Shown(before) if !before.status.is_final());
        if file.status.is_final() {
            if waited {
                self.tell(&file);
            }
            self.close(Page::Shown(file));
        } else {
            self.show(Page::Shown(file));
            self.listen();
        }
    }

    fn fail(self, error: CallError) {
        if self.session.ends_with(&error) {
            return;
        }
        if error.code() == Some(platen_api_types::ProblemCode::NotFound) {
            self.close(Page::Gone);
            return;
        }
        // What is shown stays while the server cannot be asked.
        match self
            .page
            .try_with_untracked(|page| matches!(page, Page::Shown(_)))
        {
            Some(true) => self.ask_later(),
            Some(false) => self.show(Page::Failed(error)),
            None => {}
        }
    }

    fn show(self, page: Page) {
        if self.page.try_with_untracked(|now| *now != page) == Some(true) {
            self.page.set(page);
        }
    }

    /// Shows what no event will change.
    fn close(self, page: Page) {
        self.rest();
        self.show(page);
    }

    fn tell(self, file: &File) {
        let title = title(file);
        self.toasts.announce(if file.status == FileStatus::Ready {
            t_with("reader.is_ready", &[("title", title)])
        } else {
            t_with("reader.was_not_saved", &[("title", title)])
        });
    }

    fn listen(self) {
        if self.stream.try_with_value(Option::is_none) != Some(true) {
            return;
        }
        match EventStream::open(move |event| self.hear(event)) {
            Ok(stream) => {
                self.stream.try_set_value(Some(stream));
            }
            Err(_) => self.ask_later(),
        }
    }

    fn hear(self, event: StreamEvent) {
        match event {
            // What happened until now may have been told to nobody.
            StreamEvent::Opened => {
                self.attempt.try_set_value(0);
                self.stop_timer();
                self.ask();
            }
            StreamEvent::File(file) if file.id == self.id => {
                // The stream cannot be closed by what it is just calling.
                set_timeout(move || self.take(*file), Duration::ZERO);
            }
            StreamEvent::File(_) => {}
            StreamEvent::Interrupted | StreamEvent::Closed => self.ask_later(),
        }
    }

    fn ask_later(self) {
        let Some(attempt) = self.attempt.try_get_value() else {
            return;
        };
        self.attempt.try_set_value(attempt.saturating_add(1));
        self.stop_timer();
        let wait = backoff(attempt, device::chance());
        let handle = set_timeout_with_handle(move || self.ask(), wait).ok();
        self.timer.try_set_value(handle);
    }

    fn stop_timer(self) {
        self.timer.try_update_value(|timer| {
            if let Some(handle) = timer.take() {
                handle.clear();
            }
        });
    }

    fn rest(self) {
        self.stop_timer();
        self.stream.try_set_value(None);
    }
}
