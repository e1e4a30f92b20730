//! The list of files, and the requests that change it.

use leptos::{prelude::*, task::spawn_local};
use platen_api_types::{File, FileId, FileStatus};

use super::{Options, Session, Toasts};
use crate::{
    app::{api, device},
    logic::{CallError, Library, Query, Row, Settled, title},
};

/// How far the list has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Loading {
    /// The first page is on its way.
    First,
    /// The next page is on its way.
    More,
    Done,
    Failed(CallError),
}

#[derive(Clone, Copy)]
pub struct Files {
    library: RwSignal<Library>,
    query: RwSignal<Query>,
    loading: RwSignal<Loading>,
    options: Options,
    session: Session,
    toasts: Toasts,
}

/// An address that was not accepted, and why.
#[derive(Clone, Debug)]
pub struct Refused {
    pub address: String,
    pub error: CallError,
}

impl Files {
    pub fn provide(options: Options, session: Session, toasts: Toasts) -> Self {
        let files = Self {
            library: RwSignal::new(Library::default()),
            query: RwSignal::new(Query::default()),
            loading: RwSignal::new(Loading::First),
            options,
            session,
            toasts,
        };
        provide_context(files);
        files
    }

    pub fn rows(self) -> Vec<Row> {
        self.library.with(Library::rows)
    }

    /// Whether a file here still waits for its end.
    pub fn is_busy(self) -> bool {
        self.library.with_untracked(Library::is_busy)
    }

    pub fn has_more(self) -> bool {
        self.library.with(|library| library.cursor().is_some())
    }

    pub fn loading(self) -> Loading {
        self.loading.get()
    }

    pub fn query(self) -> Query {
        self.query.get()
    }

    /// Shows another part of the library.
    pub fn ask(self, query: Query) {
        self.query.set(query);
        self.library.update(Library::clear);
        self.load();
    }

    /// Nothing of one person's list stays for the next.
    pub fn forget(self) {
        self.library.set(Library::default());
        self.query.set(Query::default());
        self.loading.set(Loading::First);
    }

    /// Gets the list from its top.
    pub fn load(self) {
        self.loading.set(Loading::First);
        spawn_local(async move {
            if let Err(error) = self.refresh().await {
                self.loading.set(Loading::Failed(error));
            }
        });
    }

    pub fn load_more(self) {
        let cursor = self
            .library
            .with_untracked(|library| library.cursor().map(str::to_owned));
        let Some(cursor) = cursor else { return };
        self.loading.set(Loading::More);
        spawn_local(async move {
            let query = self.query.get_untracked();
            let answer = api::files(&query, Some(&cursor)).await;
            if self.query.with_untracked(|now| *now != query) {
                return;
            }
            match answer {
                Ok(page) => {
                    self.library.update(|library| library.append(page));
                    self.loading.set(Loading::Done);
                }
                Err(error) => self.load_failed(error),
            }
        });
    }

    fn load_failed(self, error: CallError) {
        if !self.session.ends_with(&error) {
            self.loading.set(Loading::Failed(error));
        }
    }

    /// Brings the top of the list up to date.
    pub async fn refresh(self) -> Result<(), CallError> {
        let query = self.query.get_untracked();
        let newest = self.library.with_untracked(Library::newest);
        let answer = api::files(&query, None).await;
        if self.query.with_untracked(|now| *now != query) {
            // The list for the new query is on its way.
            return Ok(());
        }
        match answer {
            Ok(page) => {
                let settled = device::keeping_focus(|| {
                    self.library
                        .try_update(|library| library.refresh(page, newest))
                        .unwrap_or_default()
                });
                for settled in &settled {
                    self.tell(settled);
                }
                if self.loading.with_untracked(|now| *now != Loading::More) {
                    self.loading.set(Loading::Done);
                }
                Ok(())
            }
            Err(error) => {
                self.session.ends_with(&error);
                Err(error)
            }
        }
    }

    pub fn take_event(self, file: File) {
        let query = self.query.get_untracked();
        let settled = device::keeping_focus(|| {
            self.library
                .try_update(|library| library.event(file, &query))
                .flatten()
        });
        if let Some(settled) = settled {
            self.tell(&settled);
        }
    }

    /// Asks for a PDF of each address, in order. Rows appear at once; what was not accepted comes
    /// back with the reason.
    pub async fn request(self, addresses: Vec<String>) -> Vec<Refused> {
        let mut tickets = Vec::new();
        self.library.update(|library| {
            // Sent first, so shown lowest: newest is on top.
            for address in addresses {
                tickets.push((library.send(&address), address));
            }
        });
        let mut refused = Vec::new();
        let mut stopped: Option<CallError> = None;
        for (ticket, address) in tickets {
            let answer = match &stopped {
                Some(error) => Err(error.clone()),
                None => api::request(&address, self.options.asked()).await,
            };
            match answer {
                Ok(file) => self
                    .library
                    .update(|library| library.accepted(ticket, file)),
                Err(error) => {
                    self.library.update(|library| library.refused(ticket));
                    if stopped.is_none() && error.stops_the_rest() {
                        self.session.ends_with(&error);
                        stopped = Some(error.clone());
                    }
                    refused.push(Refused { address, error });
                }
            }
        }
        refused
    }

    /// Asks for a failed file once more.
    pub fn retry(self, id: FileId) {
        let shown = self.library.with_untracked(|library| library.revision(id));
        spawn_local(async move {
            match api::retry(id).await {
                Ok(file) => {
                    self.toasts.announce("Trying again.");
                    device::keeping_focus(|| {
                        self.library.update(|library| library.retried(file, shown));
                    });
                }
                Err(error) if self.session.ends_with(&error) => {}
                Err(error) => self.toasts.say(error.sentence()),
            }
        });
    }

    pub fn hide(self, id: FileId) {
        self.library.update(|library| library.hide(id));
    }

    pub fn show(self, id: FileId) {
        self.library.update(|library| library.show(id));
    }

    pub fn remove(self, id: FileId) {
        self.library.update(|library| library.remove(id));
    }

    fn tell(self, Settled(file): &Settled) {
        let title = title(file);
        self.toasts.announce(match (file.status, &file.reason) {
            (FileStatus::Ready, _) => format!("{title} is ready."),
            (_, Some(reason)) => format!("{title} was not saved. {}", reason.detail),
            (_, None) => format!("{title} was not saved."),
        });
    }
}
