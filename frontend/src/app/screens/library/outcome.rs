//! Sending addresses, and what became of them.

use leptos::{prelude::*, task::spawn_local};

use super::composer::FIELD;
use crate::{
    app::{
        device,
        stores::{Files, Toasts},
        words::{t, t_count},
    },
    logic::{Line, Outcome, Tally, addresses},
};

/// Sends what the composer holds and keeps what came of it.
#[derive(Clone, Copy)]
pub(super) struct Report {
    /// What has been typed and not sent.
    pub(super) draft: RwSignal<String>,
    pub(super) lines: RwSignal<Vec<Line>>,
    error: RwSignal<Option<String>>,
    /// Calls that are not answered.
    under_way: RwSignal<u32>,
    files: Files,
    toasts: Toasts,
}

impl Report {
    pub(super) fn provide(draft: RwSignal<String>) -> Self {
        let report = Self {
            draft,
            lines: RwSignal::new(Vec::new()),
            error: RwSignal::new(None),
            under_way: RwSignal::new(0),
            files: expect_context(),
            toasts: expect_context(),
        };
        provide_context(report);
        report
    }

    pub(super) fn error(self) -> Option<String> {
        self.error.get()
    }

    pub(super) fn is_wrong(self) -> bool {
        self.error.with(Option::is_some)
    }

    pub(super) fn send_draft(self) {
        let wanted = self.draft.with_untracked(|text| addresses(text));
        if !wanted.is_empty() {
            self.draft.set(String::new());
            self.send(wanted, false);
        } else if self.under_way.get_untracked() == 0 && self.lines.with_untracked(Vec::is_empty) {
            // The second click of a double click finds the field empty: it asks for nothing.
            self.error.set(Some(t("library.nothing_to_send")));
            device::focus_first(&[FIELD.to_owned()]);
        }
    }

    pub(super) fn send(self, wanted: Vec<String>, again: bool) {
        self.error.set(None);
        self.lines.set(Vec::new());
        self.under_way.update(|calls| *calls += 1);
        spawn_local(async move {
            let lines = self.files.request(wanted, again).await;
            // The screen may have gone meanwhile, and its signals with it.
            if self.under_way.try_update(|calls| *calls -= 1).is_some() {
                self.take(lines);
            }
        });
    }

    fn take(self, lines: Vec<Line>) {
        let refused: Vec<_> = lines.iter().filter_map(refusal).collect();
        // Then one sentence says it all.
        let all_alike =
            refused.len() == lines.len() && refused.iter().all(|(_, why)| *why == refused[0].1);
        if let Some((_, why)) = refused.first() {
            let back: Vec<_> = refused.iter().map(|(address, _)| *address).collect();
            self.draft.update(|draft| put_back(draft, &back));
            let many = t_count("library.refused", refused.len() as u64);
            self.error.set(Some(match (lines.len(), all_alike) {
                (1, _) => (*why).to_owned(),
                (_, true) => format!("{many} {why}"),
                (_, false) => many,
            }));
            device::focus_first(&[FIELD.to_owned()]);
        }
        let tally = Tally::of(&lines);
        // The new rows show the rest by themselves, unless they may be far below.
        let hidden = self.files.are_oldest_first();
        if !all_alike && (lines.len() > 1 || hidden || !tally.is_plain()) {
            self.toasts.announce(summary(tally));
            self.lines.set(lines);
        }
    }
}

fn refusal(line: &Line) -> Option<(&str, &str)> {
    match &line.outcome {
        Outcome::Refused(why) => Some((&line.address, why)),
        _ => None,
    }
}

/// Above whatever has been typed since.
fn put_back(draft: &mut String, refused: &[&str]) {
    let typed = std::mem::take(draft);
    *draft = refused.join("\n");
    if !typed.trim().is_empty() {
        draft.push('\n');
        draft.push_str(&typed);
    }
}

/// All of them in a sentence or a few.
pub(super) fn summary(tally: Tally) -> String {
    let mut told = Vec::new();
    if tally.accepted > 0 {
        told.push(t_count("library.tally_accepted", tally.accepted));
    }
    if tally.known > 0 {
        told.push(t_count("library.tally_known", tally.known));
    }
    if tally.repeated > 0 {
        told.push(t_count("library.tally_repeated", tally.repeated));
    }
    if tally.refused > 0 {
        told.push(t_count("library.tally_refused", tally.refused));
    }
    told.join(" ")
}
