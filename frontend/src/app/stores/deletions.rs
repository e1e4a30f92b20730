//! Deletions that can still be undone: the call is made when the time for it is over.

use std::sync::Arc;

use leptos::{ev, prelude::*, task::spawn_local};
use platen_api_types::{File, FileId};

use super::{Files, Session, Toasts};
use crate::{
    app::{
        api,
        words::{t, t_count, t_with},
    },
    logic::{CallError, title},
};

/// Deleted by one click.
type Batch = Arc<[Arc<File>]>;

#[derive(Clone, Copy)]
pub struct Deletions {
    pending: StoredValue<Vec<Batch>>,
    files: Files,
    session: Session,
    toasts: Toasts,
}

impl Deletions {
    pub fn provide(files: Files, session: Session, toasts: Toasts) -> Self {
        let deletions = Self {
            pending: StoredValue::new(Vec::new()),
            files,
            session,
            toasts,
        };
        provide_context(deletions);
        // The page stays for as long as this listener does: nothing to remove it for.
        let _ = window_event_listener(ev::pagehide, move |_| {
            for batch in deletions.take_all() {
                api::delete_files_on_leaving(batch.iter().map(|file| file.name.as_str()));
                deletions.files.remove(&ids(&batch));
            }
        });
        deletions
    }

    /// Takes the files out of the list and offers to bring them back.
    pub fn delete(self, files: Vec<Arc<File>>) {
        let text = match files.as_slice() {
            [] => return,
            [only] => t_with("library.deleted_one", &[("title", title(only))]),
            many => t_count("library.deleted", many.len() as u64),
        };
        let batch = Batch::from(files);
        self.files.hide(&ids(&batch));
        self.pending
            .update_value(|pending| pending.push(Arc::clone(&batch)));
        let again = Arc::clone(&batch);
        self.toasts.offer_undo(
            text,
            move || self.undo(&again),
            move || self.carry_out(&batch),
        );
    }

    /// Carries out everything that waits, before the session that may do so ends.
    pub async fn flush(self) {
        for batch in self.take_all() {
            self.call(batch).await;
        }
    }

    fn undo(self, batch: &Batch) {
        if self.take(batch) {
            self.files.show(&ids(batch));
            self.toasts.announce(t("library.brought_back"));
        }
    }

    fn carry_out(self, batch: &Batch) {
        if self.take(batch) {
            spawn_local(self.call(Arc::clone(batch)));
        }
    }

    /// One after the other. What cannot be deleted comes back, with a word.
    async fn call(self, batch: Batch) {
        let mut stopped: Option<CallError> = None;
        let mut kept = Vec::new();
        let mut why = None;
        for file in batch.iter() {
            let answer = match &stopped {
                Some(error) => Err(error.clone()),
                None => api::delete_file(&file.name).await,
            };
            match answer {
                Ok(()) => self.files.remove(&[file.id]),
                Err(error) => {
                    kept.push(file.id);
                    if error.stops_the_rest() {
                        stopped = Some(error.clone());
                    }
                    why = Some(error);
                }
            }
        }
        self.files.show(&kept);
        if let Some(error) = why
            && !self.session.ends_with(&error)
        {
            let what = t_count("library.not_deleted", kept.len() as u64);
            self.toasts.say(format!("{what} {}", error.sentence()));
        }
    }

    fn take(self, batch: &Batch) -> bool {
        self.pending
            .try_update_value(|pending| {
                let at = pending.iter().position(|other| Arc::ptr_eq(other, batch));
                at.map(|at| pending.remove(at)).is_some()
            })
            .unwrap_or_default()
    }

    fn take_all(self) -> Vec<Batch> {
        self.pending
            .try_update_value(std::mem::take)
            .unwrap_or_default()
    }
}

fn ids(batch: &Batch) -> Vec<FileId> {
    batch.iter().map(|file| file.id).collect()
}
