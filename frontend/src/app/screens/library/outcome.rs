//! What became of the addresses that were sent, line by line.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use platen_api_types::File;

use super::{composer::FIELD, row::select_id, viewport::Viewport};
use crate::{
    app::{
        device,
        stores::{Files, Toasts},
        words::{t, t_count},
    },
    logic::{Line, Outcome, Tally, addresses, short_address, title},
};

/// More lines than this would bury the list below them.
const MOST_LINES: usize = 100;

/// Sends what the composer holds and keeps what came of it.
#[derive(Clone, Copy)]
pub(super) struct Report {
    lines: RwSignal<Vec<Line>>,
    error: RwSignal<Option<String>>,
    /// Calls that are not answered.
    under_way: RwSignal<u32>,
    files: Files,
    toasts: Toasts,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            lines: RwSignal::new(Vec::new()),
            error: RwSignal::new(None),
            under_way: RwSignal::new(0),
            files: expect_context(),
            toasts: expect_context(),
        }
    }

    pub(super) fn error(self) -> Option<String> {
        self.error.get()
    }

    pub(super) fn is_wrong(self) -> bool {
        self.error.with(Option::is_some)
    }

    pub(super) fn send_draft(self, draft: RwSignal<String>) {
        let wanted = draft.with_untracked(|text| addresses(text));
        if !wanted.is_empty() {
            draft.set(String::new());
            self.send(wanted, draft, false);
        } else if self.under_way.get_untracked() == 0 && self.lines.with_untracked(Vec::is_empty) {
            // The second click of a double click finds the field empty: it asks for nothing.
            self.error.set(Some(t("library.nothing_to_send")));
            device::focus_first(&[FIELD.to_owned()]);
        }
    }

    fn send(self, wanted: Vec<String>, draft: RwSignal<String>, again: bool) {
        self.error.set(None);
        self.lines.set(Vec::new());
        self.under_way.update(|calls| *calls += 1);
        spawn_local(async move {
            let lines = self.files.request(wanted, again).await;
            // The screen may have gone meanwhile, and its signals with it.
            if self.under_way.try_update(|calls| *calls -= 1).is_some() {
                self.take(lines, draft);
            }
        });
    }

    fn take(self, lines: Vec<Line>, draft: RwSignal<String>) {
        let refused: Vec<_> = lines.iter().filter_map(refusal).collect();
        // Then one sentence says it all.
        let all_alike =
            refused.len() == lines.len() && refused.iter().all(|(_, why)| *why == refused[0].1);
        if let Some((_, why)) = refused.first() {
            let back: Vec<_> = refused.iter().map(|(address, _)| *address).collect();
            draft.update(|draft| put_back(draft, &back));
            let many = t_count("library.refused", refused.len() as u64);
            self.error.set(Some(match (lines.len(), all_alike) {
                (1, _) => (*why).to_owned(),
                (_, true) => format!("{many} {why}"),
                (_, false) => many,
            }));
            device::focus_first(&[FIELD.to_owned()]);
        }
        let tally = Tally::of(&lines);
        if !all_alike && (lines.len() > 1 || !tally.is_plain()) {
            self.toasts.announce(summary(tally));
            self.lines.set(lines);
        }
    }

    pub(super) fn view(self, draft: RwSignal<String>) -> impl IntoView {
        let view = expect_context::<Viewport>();
        move || {
            self.lines
                .with(|lines| (!lines.is_empty()).then(|| self.lines_view(lines, draft, view)))
        }
    }

    fn lines_view(self, lines: &[Line], draft: RwSignal<String>, view: Viewport) -> AnyView {
        let mut order: Vec<_> = lines.iter().collect();
        order.sort_by_key(|line| rank(&line.outcome));
        let rest = order.len().saturating_sub(MOST_LINES);
        order.truncate(MOST_LINES);
        let shown: Vec<_> = order
            .into_iter()
            .map(|line| line_view(line, view))
            .collect();
        let rest = (rest > 0).then(|| {
            view! { <p class="report-rest">{t_count("library.more_lines", rest as u64)}</p> }
        });
        let known: Vec<String> = lines
            .iter()
            .filter(|line| matches!(line.outcome, Outcome::Known(_)))
            .map(|line| line.address.clone())
            .collect();
        let again = (!known.is_empty()).then(|| {
            let text = t_count("library.save_again", known.len() as u64);
            let send = move |_| {
                device::focus_first(&[FIELD.to_owned()]);
                self.send(known.clone(), draft, true);
            };
            view! { <button class="quiet" type="button" on:click=send>{text}</button> }
        });
        let close = move |_| {
            device::focus_first(&[FIELD.to_owned()]);
            self.lines.set(Vec::new());
        };
        view! {
            <section class="report" aria-label=t("library.report")>
                <p class="report-sum">{summary(Tally::of(lines))}</p>
                <ul class="report-lines" role="list" tabindex="0">{shown}</ul>
                {rest}
                <p class="report-actions">
                    {again}
                    <button class="quiet" type="button" on:click=close>{t("library.close")}</button>
                </p>
            </section>
        }
        .into_any()
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

/// What needs a person comes first.
const fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Refused(_) => 0,
        Outcome::Known(_) => 1,
        Outcome::Repeated(_) => 2,
        Outcome::Accepted(_) => 3,
    }
}

fn summary(tally: Tally) -> String {
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

fn line_view(line: &Line, view: Viewport) -> AnyView {
    let (kind, text, file) = match &line.outcome {
        Outcome::Accepted(file) => ("accepted", t("library.line_accepted"), Some(file)),
        Outcome::Known(file) => ("known", t("library.line_known"), Some(file)),
        Outcome::Repeated(file) => ("repeated", t("library.line_repeated"), file.as_ref()),
        Outcome::Refused(why) => ("refused", why.clone(), None),
    };
    let link = file.map(|file| row_link(file, view));
    view! {
        <li class="report-line" data-outcome=kind>
            <span class="report-address">{short_address(&line.address).to_owned()}</span>
            <span class="report-outcome">{text} " " {link}</span>
        </li>
    }
    .into_any()
}

/// Leads to the row of a file, wherever in the list it is.
fn row_link(file: &Arc<File>, view: Viewport) -> AnyView {
    let id = file.id;
    let go = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        view.reveal(id);
    };
    let href = format!("#{}", select_id(id));
    let name = if file.title.is_some() {
        title(file).to_owned()
    } else {
        t("library.to_row")
    };
    view! { <a href=href rel="external" on:click=go>{name}</a> }.into_any()
}
