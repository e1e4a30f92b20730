use std::sync::Arc;

use leptos::{ev::MouseEvent, prelude::*};
use platen_api_types::{File, FileId, FileStatus, Stage};

use super::{composer::FIELD, failure};
use crate::{
    app::{
        api,
        device::{self, Now},
        stores::{Deletions, Files, Selected},
        words::{t, t_with},
    },
    logic::{Row, ago, pages, short_address, size, title, web_link},
};

/// A row is made anew when its file changes: only its age and its tick change by themselves.
pub(super) fn row_view(row: Row) -> AnyView {
    match row {
        Row::Sending { address, .. } => sending_row(&address),
        Row::File { file, .. } => file_row(&file),
    }
}

fn sending_row(address: &str) -> AnyView {
    let address = short_address(address).to_owned();
    view! {
        <li class="row" data-status="sending">
            <span class="row-check"></span>
            <span class="row-sheet"></span>
            <div class="row-body">
                <h2 class="row-title">{address}</h2>
                <p class="row-state">{t("library.sending")}</p>
            </div>
        </li>
    }
    .into_any()
}

fn file_row(file: &Arc<File>) -> AnyView {
    let href = format!("/file/{}", file.id);
    let id = format!("read-{}", file.id);
    let heading = view! { <a id=id href=href>{title(file).to_owned()}</a> };
    // A file without a title goes by its address: no need to say it twice.
    let short = short_address(&file.url).to_owned();
    let address = (short != title(file)).then(|| view! { <p class="row-address">{short}</p> });
    view! {
        <li class="row" data-status=file.status.as_str() data-stage=file.stage.map_or("", Stage::as_str)>
            {tick(file)}
            {sheet(file)}
            <div class="row-body">
                <h2 class="row-title">{heading}</h2>
                {address}
                {state(file)}
                {facts(file)}
            </div>
            {actions(file)}
        </li>
    }
    .into_any()
}

fn tick(file: &File) -> impl IntoView + use<> {
    let selected = expect_context::<Selected>();
    let id = file.id;
    let click = move |event: MouseEvent| {
        let on = event_target_checked(&event);
        selected.set(id, on, event.shift_key());
    };
    view! {
        <label class="row-check">
            <input
                id=select_id(id)
                type="checkbox"
                prop:checked=move || selected.has(id)
                on:click=click
            />
            <span class="unseen">{t_with("library.select_named", &[("title", title(file))])}</span>
        </label>
    }
}

/// The first page, or an empty sheet while there is none.
fn sheet(file: &File) -> impl IntoView + use<> {
    let picture = (file.status == FileStatus::Ready).then(|| {
        let missing = RwSignal::new(false);
        let source = api::thumbnail_href(file);
        view! {
            <img
                src=source
                alt=""
                loading="lazy"
                decoding="async"
                hidden=move || missing.get()
                on:error=move |_| missing.set(true)
            />
        }
    });
    view! { <span class="row-sheet">{picture}</span> }
}

/// Where the file is on its way, or why it came to nothing.
fn state(file: &File) -> AnyView {
    let on_the_way = |text: String| view! { <p class="row-state">{text}</p> }.into_any();
    match (file.status, &file.reason) {
        (FileStatus::Queued, _) => on_the_way(t("library.state_waiting")),
        (FileStatus::Rendering, _) => on_the_way(match file.stage.unwrap_or_default() {
            Stage::Loading => t("library.state_loading"),
            Stage::Printing => t("library.state_rendering"),
            Stage::Saving => t("library.state_saving"),
        }),
        (FileStatus::Failed, reason) => {
            let [happened, advice] = reason.as_ref().map(failure::told).unwrap_or_default();
            view! {
                <p class="row-failure"><strong>{t("library.not_saved")}</strong> " " {happened}</p>
                <p class="row-advice">{advice}</p>
            }
            .into_any()
        }
        (FileStatus::Ready | FileStatus::Deleting, _) => ().into_any(),
    }
}

/// How old, how long and how large.
fn facts(file: &File) -> impl IntoView + use<> {
    let now = expect_context::<Now>();
    let created = file.created_at;
    let age = move || ago(created, now.get()).unwrap_or_else(|| device::day(created));
    let mut measures = String::new();
    for measure in [file.pages.map(pages), file.size.map(size)]
        .into_iter()
        .flatten()
    {
        measures.push_str(" · ");
        measures.push_str(&measure);
    }
    view! {
        <p class="row-facts">
            <time datetime=created.to_string() title=device::day_and_time(created)>{age}</time>
            {measures}
        </p>
    }
}

fn actions(file: &Arc<File>) -> impl IntoView + use<> {
    let files = expect_context::<Files>();
    let deletions = expect_context::<Deletions>();
    let name = &[("title", title(file))];
    let links = match file.status {
        FileStatus::Ready => vec![
            tab_link(
                "open",
                [t("library.open"), t_with("library.open_named", name)],
                file,
                &api::file_href(file, true),
            ),
            download_link(file),
        ],
        FileStatus::Failed => web_link(&file.url)
            .map(|url| {
                let words = [t("library.visit"), t_with("library.visit_named", name)];
                tab_link("visit", words, file, url)
            })
            .into_iter()
            .collect(),
        FileStatus::Queued | FileStatus::Rendering | FileStatus::Deleting => Vec::new(),
    };
    let id = file.id;
    let retry = (file.status == FileStatus::Failed).then(|| {
        let again = move |_| {
            // The button goes with the failure; the keyboard stays in the row.
            device::focus_first(&[delete_id(id)]);
            files.retry(id);
        };
        let label = t_with("library.retry_named", name);
        view! {
            <button class="row-retry" type="button" id=format!("retry-{id}") aria-label=label on:click=again>
                {t("library.retry")}
            </button>
        }
    });
    let label = t_with("library.delete_named", name);
    let file = Arc::clone(file);
    let delete = move |_| {
        device::focus_first(&after(files, id));
        deletions.delete(vec![Arc::clone(&file)]);
    };
    view! {
        <div class="row-actions">
            {retry}
            {links}
            <button class="row-delete" type="button" id=delete_id(id) aria-label=label on:click=delete>
                {t("library.delete")}
            </button>
        </div>
    }
}

/// The verb alone says too little to someone who cannot see which row it is in: `label` says both.
fn tab_link(kind: &str, [verb, label]: [String; 2], file: &File, href: &str) -> AnyView {
    let href = href.to_owned();
    let id = format!("{kind}-{}", file.id);
    view! {
        <a id=id href=href target="_blank" rel="noopener noreferrer external" aria-label=label>
            {verb}
        </a>
    }
    .into_any()
}

fn download_link(file: &File) -> AnyView {
    let href = api::file_href(file, false);
    let label = t_with("library.download_named", &[("title", title(file))]);
    let id = format!("download-{}", file.id);
    view! { <a id=id href=href download="" aria-label=label>{t("library.download")}</a> }.into_any()
}

/// The id of the checkbox of a file.
pub(super) fn select_id(id: FileId) -> String {
    format!("select-{id}")
}

fn delete_id(id: FileId) -> String {
    format!("delete-{id}")
}

/// Where the keyboard goes when a file leaves: the next row, the one before, or the composer.
fn after(files: Files, id: FileId) -> Vec<String> {
    let ids = files.ids();
    let at = ids.iter().position(|other| *other == id).unwrap_or(0);
    let before = at.checked_sub(1).and_then(|at| ids.get(at));
    let neighbours = [ids.get(at + 1), before];
    let mut places: Vec<String> = neighbours
        .into_iter()
        .flatten()
        .copied()
        .map(delete_id)
        .collect();
    places.push(FIELD.to_owned());
    places
}
