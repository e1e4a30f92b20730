//! Which part of the list is on the page. Kept while a person is on another screen, so that the page
//! is as long as before when they come back.

use leptos::prelude::*;

use crate::logic::{Heights, Span};

#[derive(Clone, Copy)]
pub struct Place {
    span: RwSignal<Span>,
    heights: StoredValue<Heights>,
}

impl Place {
    pub fn provide() {
        provide_context(Self {
            span: RwSignal::new(Span::default()),
            heights: StoredValue::new(Heights::default()),
        });
    }

    /// The rows that are on the page.
    pub fn span(self) -> Span {
        self.span.get()
    }

    /// The window shows the list from `top` to `bottom`.
    pub fn look(self, rows: usize, top: i32, bottom: i32) {
        let span = self
            .heights
            .with_value(|heights| heights.span(rows, top, bottom));
        if self.span.with_untracked(|now| *now != span) {
            self.span.set(span);
        }
    }

    pub fn measured(self, block: usize, height: u32) {
        self.heights
            .update_value(|heights| heights.measured(block, height));
    }

    pub fn top_of(self, row: usize, rows: usize) -> u32 {
        self.heights.with_value(|heights| heights.top_of(row, rows))
    }

    /// Rows have other heights now.
    pub fn resized(self) {
        self.heights.update_value(Heights::forget);
    }

    /// Another list begins at its top.
    pub fn reset(self) {
        self.resized();
        self.span.set(Span::default());
    }
}
