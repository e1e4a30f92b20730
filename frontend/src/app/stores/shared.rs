//! What another app or a bookmarklet sent here, until the composer takes it.

use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct Shared(StoredValue<Option<String>>);

impl Shared {
    pub fn provide() {
        provide_context(Self(StoredValue::new(None)));
    }

    pub fn put(self, text: String) {
        self.0.set_value(Some(text));
    }

    pub fn take(self) -> Option<String> {
        self.0.try_update_value(Option::take).flatten()
    }
}
