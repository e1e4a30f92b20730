use leptos::prelude::*;
use platen_api_types::FileId;

use super::Files;
use crate::logic::Selection;

/// The files that are ticked.
#[derive(Clone, Copy)]
pub struct Selected {
    selection: RwSignal<Selection>,
    files: Files,
}

impl Selected {
    pub fn provide(files: Files) -> Self {
        let selected = Self {
            selection: RwSignal::new(Selection::default()),
            files,
        };
        provide_context(selected);
        selected
    }

    pub fn has(self, id: FileId) -> bool {
        self.selection.with(|selection| selection.has(id))
    }

    /// The files ticked that are in the list still, in its order.
    pub fn files(self) -> Vec<std::sync::Arc<platen_api_types::File>> {
        self.selection
            .with(|selection| self.files.pick(selection.ids()))
    }

    /// Ticks or unticks a file, or all from the one before to it.
    pub fn set(self, id: FileId, on: bool, range: bool) {
        self.selection.update(|selection| {
            if range {
                selection.set_range(&self.files.ids(), id, on);
            } else {
                selection.set(id, on);
            }
        });
    }

    pub fn set_all(self) {
        self.selection
            .update(|selection| selection.set_all(self.files.ids()));
    }

    pub fn clear(self) {
        self.selection.update(Selection::clear);
    }
}
