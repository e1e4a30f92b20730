//! Ties the list to the window: only rows near what is seen are on the page.

use leptos::{
    ev,
    html::{Div, Ol},
    prelude::*,
};
use platen_api_types::FileId;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::row::select_id;
use crate::{
    app::{
        device,
        stores::{Files, Loading, Place},
    },
    logic::BLOCK,
};

/// Rows are ready so many pixels before they come into sight.
const MARGIN: i32 = 600;

/// The id of the list.
pub(super) const ROWS: &str = "rows";

/// The next files are asked for when fewer rows than this are left.
const AHEAD: usize = 60;

#[derive(Clone, Copy)]
pub(super) struct Viewport {
    files: Files,
    place: Place,
    /// The list with the room above and below its rows.
    pub(super) frame: NodeRef<Div>,
    pub(super) list: NodeRef<Ol>,
    /// The control in the list that the keyboard was in last.
    focused: StoredValue<String>,
    /// The control that a link leads to, whose row may not be on the page yet.
    wanted: StoredValue<Option<String>>,
}

impl Viewport {
    /// Follows the window until the owner goes.
    pub(super) fn provide(files: Files, place: Place) {
        let view = Self {
            files,
            place,
            frame: NodeRef::new(),
            list: NodeRef::new(),
            focused: StoredValue::new(String::new()),
            wanted: StoredValue::new(None),
        };
        provide_context(view);
        let scrolled = window_event_listener(ev::scroll, move |_| view.look());
        let resized = window_event_listener(ev::resize, move |_| {
            place.resized();
            view.look();
            view.settle_soon();
        });
        on_cleanup(move || {
            scrolled.remove();
            resized.remove();
        });
        Effect::new(move |_| {
            files.len();
            view.look();
        });
        Effect::new(move |_| {
            let reached = place.span().end + AHEAD;
            if reached >= files.len() && files.has_more() && files.loading() == Loading::Done {
                files.load_more();
            }
        });
    }

    /// Takes what the window shows now.
    pub(super) fn look(self) {
        let Some(top) = self.top() else { return };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a list is far lower than 2^31 pixels, and a pixel more or less is nothing"
        )]
        let (top, height) = (top as i32, device::window_height() as i32);
        let rows = untrack(|| self.files.len());
        self.place.look(rows, -top - MARGIN, -top + height + MARGIN);
    }

    /// Where the list begins in the window.
    fn top(self) -> Option<f64> {
        let frame = self.frame.try_get_untracked()??;
        Some(frame.get_bounding_client_rect().top())
    }

    /// Once the page shows the rows.
    pub(super) fn settle_soon(self) {
        request_animation_frame(move || self.settle());
    }

    fn settle(self) {
        let Some(Some(list)) = self.list.try_get_untracked() else {
            return;
        };
        self.measure(&list);
        self.number(&list);
        self.keep_focus(&list);
        if let Some(Some(wanted)) = self.wanted.try_get_value()
            && let Some(control) = document().get_element_by_id(&wanted)
        {
            self.wanted.set_value(None);
            if let Ok(Some(row)) = control.closest(".row") {
                // Fails only on elements that are gone.
                let _ = row.set_attribute("data-found", "");
            }
            device::focus_first(&[wanted]);
        }
        self.look();
    }

    /// Heights of the blocks that are there whole.
    fn measure(self, list: &Element) {
        let span = untrack(|| self.place.span());
        let rows = list.children();
        let top = |row: usize| {
            let row = rows.item(u32::try_from(row).ok()?)?;
            Some(row.get_bounding_client_rect().top())
        };
        let end = list.get_bounding_client_rect().bottom();
        for (at, block) in (span.first..span.end).step_by(BLOCK).enumerate() {
            let whole = block + BLOCK <= span.end;
            if let (true, Some(from)) = (whole, top(at * BLOCK)) {
                let to = top((at + 1) * BLOCK).unwrap_or(end);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "rows are some hundred pixels high"
                )]
                self.place
                    .measured(block / BLOCK, (to - from).round() as u32);
            }
        }
    }

    /// Says which of how many each row is: most of them are not on the page.
    fn number(self, list: &Element) {
        let first = untrack(|| self.place.span()).first;
        let all = if untrack(|| self.files.has_more()) {
            "-1".to_owned()
        } else {
            untrack(|| self.files.len()).to_string()
        };
        let rows = list.children();
        for at in 0..rows.length() {
            if let Some(row) = rows.item(at) {
                let number = first + at as usize + 1;
                // Fails only for names that are no attribute's.
                let _ = row.set_attribute("aria-posinset", &number.to_string());
                let _ = row.set_attribute("aria-setsize", &all);
            }
        }
    }

    /// The keyboard came into a control of a row.
    pub(super) fn entered(self) {
        let id = device::focused().unwrap_or_default();
        if !id.is_empty() && id != ROWS {
            self.focused.set_value(id);
        }
    }

    /// When the row with the keyboard leaves the page, the list takes it, and gives it back once the
    /// row is there again.
    fn keep_focus(self, list: &HtmlElement) {
        let id = self.focused.get_value();
        if id.is_empty() {
            return;
        }
        let row = document().get_element_by_id(&id);
        let now = device::focused();
        match row {
            // Rows that come in above may move the others, which takes the keyboard off them.
            Some(row) if now.as_deref().is_none_or(|now| now == ROWS) => {
                device::focus_in_place(row.unchecked_ref());
            }
            None if now.is_none() => device::focus_in_place(list),
            _ => {}
        }
    }

    /// Whether the part of the list that is here has the file.
    pub(super) fn has(self, id: FileId) -> bool {
        self.files.position(id).is_some()
    }

    /// Brings a file's row into sight and the keyboard to it.
    pub(super) fn reveal(self, id: FileId) {
        let (Some(row), Some(top)) = (self.files.position(id), self.top()) else {
            return;
        };
        let rows = untrack(|| self.files.len());
        let above = f64::from(self.place.top_of(row, rows));
        device::scroll_to(top + device::scrolled() + above - device::window_height() / 3.0);
        self.wanted.set_value(Some(select_id(id)));
        self.look();
        self.settle_soon();
    }
}
