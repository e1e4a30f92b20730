//! Deletions that can still be undone: the call is made when the time for it is over.

use std::sync::Arc;

use leptos::{ev, prelude::*, task::spawn_local};
use platen_api_types::{File, FileId};

use super::{Files, Session, Toasts};
use crate::{app::api, logic::title};

#[derive(Clone, Copy)]
pub struct Deletions {
    pending: StoredValue<Vec<Arc<File>>>,
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
            let pending = deletions.take_all();
            api::delete_files_on_leaving(pending.iter().map(|file| file.name.as_str()));
            for file in pending {
                deletions.files.remove(file.id);
            }
        });
        deletions
    }

    /// Takes the file out of the list and offers to bring it back.
    pub fn delete(self, file: Arc<File>) {
        let id = file.id;
        let text = format!("Deleted “{}”.", title(&file));
        self.files.hide(id);
        self.pending.update_value(|pending| pending.push(file));
        self.toasts
            .offer_undo(text, move || self.undo(id), move || self.carry_out(id));
    }

    /// Carries out everything that waits, before the session that may do so ends.
    pub async fn flush(self) {
        for file in self.take_all() {
            self.call(file).await;
        }
    }

    fn undo(self, id: FileId) {
        if self.take(id).is_some() {
            self.files.show(id);
            self.toasts.announce("Brought back.");
        }
    }

    fn carry_out(self, id: FileId) {
        if let Some(file) = self.take(id) {
            spawn_local(self.call(file));
        }
    }

    async fn call(self, file: Arc<File>) {
        match api::delete_file(&file.name).await {
            Ok(()) => self.files.remove(file.id),
            Err(error) => {
                self.files.show(file.id);
                if !self.session.ends_with(&error) {
                    self.toasts.say(format!(
                        "“{}” was not deleted. {}",
                        title(&file),
                        error.sentence()
                    ));
                }
            }
        }
    }

    fn take(self, id: FileId) -> Option<Arc<File>> {
        self.pending
            .try_update_value(|pending| {
                let at = pending.iter().position(|file| file.id == id)?;
                Some(pending.remove(at))
            })
            .flatten()
    }

    fn take_all(self) -> Vec<Arc<File>> {
        self.pending
            .try_update_value(std::mem::take)
            .unwrap_or_default()
    }
}
