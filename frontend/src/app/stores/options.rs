//! How the next PDFs shall look: chosen once, remembered for each person in this browser.

use std::time::Duration;

use leptos::prelude::*;
use platen_api_types::PdfOptions;

use super::Session;
use crate::{
    app::{
        api::json,
        device,
        words::{t, t_with},
    },
    logic::{CallError, Entry, Preset, Wrong, sentence},
};

#[derive(Clone, Copy)]
pub struct Options {
    chosen: RwSignal<PdfOptions>,
    /// What is wrong, by entry.
    errors: RwSignal<Vec<(Entry, String)>>,
    session: Session,
}

impl Options {
    /// A click takes the keyboard out of a field when it begins: only when it has ended may a text
    /// appear that moves what was clicked.
    const CLICK: Duration = Duration::from_millis(250);

    pub fn provide(session: Session) -> Self {
        let options = Self {
            chosen: RwSignal::new(PdfOptions::default()),
            errors: RwSignal::new(Vec::new()),
            session,
        };
        provide_context(options);
        Effect::new(move |_| {
            let kept = session
                .username()
                .and_then(|name| device::recall(&place(&name)))
                .and_then(|text| json::from_str(&text).ok());
            options.errors.set(Vec::new());
            options.chosen.set(kept.unwrap_or_default());
        });
        options
    }

    pub fn with<T>(self, read: impl FnOnce(&PdfOptions) -> T) -> T {
        self.chosen.with(read)
    }

    /// What a request asks for.
    pub fn asked(self) -> PdfOptions {
        self.chosen.with_untracked(Entry::effective)
    }

    pub fn error(self, entry: Entry) -> Option<String> {
        self.errors.with(|errors| {
            let found = errors.iter().find(|(wrong, _)| *wrong == entry);
            found.map(|(_, text)| text.clone())
        })
    }

    /// The first entry that something is wrong with.
    pub fn first_error(self) -> Option<Entry> {
        self.errors
            .with(|errors| errors.first().map(|(entry, _)| *entry))
    }

    /// Takes what a person filled in, or says at the entry why not.
    pub fn write(self, entry: Entry, text: &str) {
        let mut options = self.chosen.get_untracked();
        let answer = entry.write(&mut options, text);
        let error = answer
            .err()
            .map(|wrong| explain(wrong, &entry.read(&options)));
        let tell = move || {
            self.errors.update(|errors| {
                errors.retain(|(wrong, _)| *wrong != entry);
                errors.extend(error.map(|text| (entry, text)));
            });
        };
        set_timeout(tell, Self::CLICK);
        if answer.is_ok() {
            self.keep(options);
        }
    }

    pub fn apply(self, preset: Preset) {
        self.errors.set(Vec::new());
        self.keep(self.chosen.with_untracked(|options| preset.apply(options)));
    }

    pub fn reset(self) {
        self.errors.set(Vec::new());
        self.keep(PdfOptions::default());
    }

    /// Shows at its entry what the server says of one.
    pub fn take_error(self, error: &CallError) {
        let CallError::Problem(problem) = error else {
            return;
        };
        let found: Vec<_> = problem
            .errors
            .iter()
            .filter_map(|error| {
                let entry = Entry::at(error.pointer.strip_prefix("/options")?)?;
                Some((entry, sentence(&error.detail)))
            })
            .collect();
        if !found.is_empty() {
            self.errors.set(found);
        }
    }

    fn keep(self, options: PdfOptions) {
        if let Some(name) = untrack(|| self.session.username())
            && let Ok(text) = json::to_string(&Entry::lasting(&options))
        {
            device::remember(&place(&name), &text);
        }
        self.chosen.set(options);
    }
}

fn place(username: &str) -> String {
    format!("options:{username}")
}

fn explain(wrong: Wrong, before: &str) -> String {
    let why = match wrong {
        Wrong::Length => t("options.wrong_length"),
        Wrong::Number(least, most) => t_with(
            "options.wrong_number",
            &[("least", &least.to_string()), ("most", &most.to_string())],
        ),
        Wrong::TooLong(seconds) => {
            t_with("options.wrong_time", &[("seconds", &seconds.to_string())])
        }
        Wrong::HeaderLine => t("options.wrong_header"),
        Wrong::CookieLine => t("options.wrong_cookie"),
    };
    let stays = if before.is_empty() || before.contains('\n') {
        t("options.stays_as_it_was")
    } else {
        t_with("options.stays", &[("value", before)])
    };
    format!("{why} {stays}")
}
