//! What became of the addresses that were sent, line by line.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what is loaded later may not arrive"
)]

use std::sync::Arc;

use leptos::prelude::*;
use platen_api_types::File;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::{
    composer::FIELD,
    outcome::{Report, summary},
    row::select_id,
    viewport::Viewport,
};
use crate::{
    app::{
        device,
        parts::{Loading, View, later},
        words::{t, t_count},
    },
    logic::{Line, Outcome, Tally, short_address, title},
};

/// More lines than this would bury the list below them.
const MOST_LINES: usize = 100;

impl Report {
    /// Nothing, or every address with what became of it.
    pub(super) fn view(self) -> impl IntoView {
        let any = Memo::new(move |_| self.lines.with(|lines| !lines.is_empty()));
        move || {
            any.get().then(|| {
                later(lines, |notice| {
                    view! { <section class="report">{notice}</section> }.into_any()
                })
            })
        }
    }
}

#[wasm_split(composer, fallible)]
fn part() -> Result<View, SplitLoaderError> {
    Ok(|| {
        let report = expect_context::<Report>();
        let viewport = expect_context::<Viewport>();
        (move || report.lines.with(|lines| shown(&report, lines, &viewport))).into_any()
    })
}

fn lines() -> Loading {
    Box::pin(part())
}

fn shown(report: &Report, lines: &[Line], view: &Viewport) -> AnyView {
    let report = *report;
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
            report.send(known.clone(), true);
        };
        view! { <button class="quiet" type="button" on:click=send>{text}</button> }
    });
    let close = move |_| {
        device::focus_first(&[FIELD.to_owned()]);
        report.lines.set(Vec::new());
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

/// What needs a person comes first.
const fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Refused(_) => 0,
        Outcome::Known(_) => 1,
        Outcome::Repeated(_) => 2,
        Outcome::Accepted(_) => 3,
    }
}

fn line_view(line: &Line, view: &Viewport) -> AnyView {
    let (kind, text, file) = match &line.outcome {
        Outcome::Accepted(file) => ("accepted", t("library.line_accepted"), Some(file)),
        Outcome::Known(file) => ("known", t("library.line_known"), Some(file)),
        Outcome::Repeated(file) => ("repeated", t("library.line_repeated"), file.as_ref()),
        Outcome::Refused(why) => ("refused", why.clone(), None),
    };
    let to_row = file.map(|file| row_link(file, view));
    view! {
        <li class="report-line" data-outcome=kind>
            <span class="report-address">{short_address(&line.address).to_owned()}</span>
            <span class="report-outcome">{text} " " {to_row}</span>
        </li>
    }
    .into_any()
}

/// Leads to the row of a file, wherever in the list it is; to the file where the list has not come to it.
fn row_link(file: &Arc<File>, view: &Viewport) -> AnyView {
    let (id, view) = (file.id, *view);
    if !view.has(id) {
        return view! { <a href=format!("/file/{id}")>{t("library.open")}</a> }.into_any();
    }
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
