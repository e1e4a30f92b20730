//! The list of files, and the requests that change it.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use leptos::{prelude::*, task::spawn_local};
use platen_api_types::{File, FileId, Order};

use super::{Options, Session, Toasts, news::News};
use crate::{
    app::{api, device, words::t},
    logic::{CallError, Library, Query, Row},
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
    news: News,
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
            news: News::new(toasts),
        };
        provide_context(files);
        files
    }

    pub fn rows(self, wanted: Range<usize>) -> Vec<Row> {
        self.library.with(|library| library.rows(wanted))
    }

    /// How many rows there are.
    pub fn len(self) -> usize {
        self.library.with(Library::len)
    }

    /// The files that are shown, in their order.
    pub fn ids(self) -> Vec<FileId> {
        self.library.with_untracked(Library::ids)
    }

    /// Those of `ids` that are shown.
    pub fn pick(self, ids: &BTreeSet<FileId>) -> Vec<Arc<File>> {
        self.library.with(|library| library.pick(ids))
    }

    /// Which row a file has.
    pub fn position(self, id: FileId) -> Option<usize> {
        self.library.with_untracked(|library| library.position(id))
    }

    pub(super) fn library(self) -> RwSignal<Library> {
        self.library
    }

    pub(super) fn options(self) -> Options {
        self.options
    }

    pub(super) fn session(self) -> Session {
        self.session
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

    pub fn are_oldest_first(self) -> bool {
        self.query
            .with_untracked(|query| query.order == Order::Oldest)
    }

    /// Shows another part of the library. Returns whether it is another: the one that is here
    /// already stays, and is brought up to date.
    pub fn ask(self, query: Query) -> bool {
        let here = self.query.with_untracked(|now| *now == query)
            && !self.library.with_untracked(Library::is_empty);
        if here {
            spawn_local(async move {
                // What is shown says so itself while the server is away.
                let _ = self.refresh().await;
            });
        } else {
            let order = query.order;
            self.query.set(query);
            self.library.update(|library| library.clear(order));
            self.load();
        }
        !here
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
                self.news.tell(settled, self.is_busy());
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
        if settled.is_some() {
            self.news.tell(settled, self.is_busy());
        }
    }

    /// Asks for a failed file once more.
    pub fn retry(self, id: FileId) {
        let shown = self.library.with_untracked(|library| library.revision(id));
        spawn_local(async move {
            match api::retry(id).await {
                Ok(file) => {
                    self.toasts.announce(t("library.trying"));
                    device::keeping_focus(|| {
                        self.library.update(|library| library.retried(file, shown));
                    });
                }
                Err(error) if self.session.ends_with(&error) => {}
                Err(error) => self.toasts.say(error.sentence()),
            }
        });
    }

    pub fn hide(self, ids: &[FileId]) {
        self.library.update(|library| library.hide(ids));
    }

    pub fn show(self, ids: &[FileId]) {
        self.library.update(|library| library.show(ids));
    }

    pub fn remove(self, ids: &[FileId]) {
        self.library.update(|library| {
            for id in ids {
                library.remove(*id);
            }
        });
    }
}
